import {
  bulkhead,
  type BulkheadPolicy,
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleAll,
  isBrokenCircuitError,
  isBulkheadRejectedError,
} from 'cockatiel';
import type { Alarms } from '../telemetry/alarms.js';
import type { Log } from '../telemetry/log.js';
import type { Provider } from './providers.js';

/** The stable code of a call that was not made. */
export const PROVIDER_UNAVAILABLE = 'provider-unavailable';

/** How long to wait where too many wait already, or one call is trying whether the provider is back. */
const CROWDED_PAUSE_MS = 1_000;

/** The call was not made: nothing was sent, and nothing can have happened at the provider. */
export class ProviderUnavailable extends Error {
  constructor(
    reason: string,
    readonly retryAfterMs: number,
  ) {
    super(`${PROVIDER_UNAVAILABLE}: ${reason}`);
  }
}

/** How much silence is borne before the provider is left alone, and how many calls it may hold up. */
export interface GuardLimits {
  readonly failuresToOpen: number;
  readonly restMs: number;
  readonly callsMax: number;
  readonly queueMax: number;
}

interface GuardParts {
  readonly provider: Provider;
  readonly limits: GuardLimits;
  readonly alarms: Alarms;
  readonly log: Log;
}

/** What a call brought, and whether that is no answer. */
interface Ended<T> {
  readonly answer: T;
  readonly isSilence: boolean;
}

/**
 * Stands before every call to one provider, in one process. After some calls in a row without an answer it makes none for
 * a while, then lets one through, whose end decides. It never holds more than a bounded number of calls.
 */
export class ProviderGuard {
  private readonly breaker: CircuitBreakerPolicy;
  private readonly bulkhead: BulkheadPolicy;
  private restsUntil = 0;
  private notMade = 0;
  private isDown = false;

  constructor(private readonly parts: GuardParts) {
    const { failuresToOpen, restMs, callsMax, queueMax } = parts.limits;
    const silences = handleAll.orWhenResult((ended) => (ended as Ended<unknown>).isSilence);
    this.breaker = circuitBreaker(silences, { halfOpenAfter: restMs, breaker: new ConsecutiveBreaker(failuresToOpen) });
    this.bulkhead = bulkhead(callsMax, queueMax);
    this.breaker.onBreak(() => this.opened());
    this.breaker.onReset(() => this.closed());
  }

  get isAnswering(): boolean {
    return !this.isDown;
  }

  /** Calls that were not made since the process began. */
  get callsNotMade(): number {
    return this.notMade;
  }

  /**
   * Makes the call, or does not. Whatever it throws counts as silence; of what it returns, `isSilence` decides: a refusal
   * is an answer, a 5xx is none.
   * @throws ProviderUnavailable when the call was not made
   */
  async call<T>(work: () => Promise<T>, isSilence: (answer: T) => boolean): Promise<T> {
    this.refuseWhileDown();
    try {
      const { answer } = await this.bulkhead.execute(() => {
        // Those that waited for their turn may have waited past the opening.
        this.refuseWhileDown();
        return this.breaker.execute(async () => {
          const answer = await work();
          return { answer, isSilence: isSilence(answer) };
        });
      });
      return answer;
    } catch (error) {
      if (isBulkheadRejectedError(error)) throw this.refusal('too many calls are under way', CROWDED_PAUSE_MS);
      if (isBrokenCircuitError(error)) throw this.refusal('it did not answer lately', CROWDED_PAUSE_MS);
      throw error;
    }
  }

  /** Those who come while one call tries the provider do not wait for its end: it may be long. */
  private refuseWhileDown(): void {
    const restMs = this.restsUntil - Date.now();
    if (this.breaker.state === CircuitState.HalfOpen || restMs > 0) {
      throw this.refusal('it did not answer lately', Math.max(restMs, CROWDED_PAUSE_MS));
    }
  }

  private refusal(why: string, retryAfterMs: number): ProviderUnavailable {
    this.notMade += 1;
    return new ProviderUnavailable(`${this.parts.provider} was not called, ${why}`, retryAfterMs);
  }

  /** Also after a trial that failed: that is no news. */
  private opened(): void {
    const { provider, limits, alarms } = this.parts;
    this.restsUntil = Date.now() + limits.restMs;
    if (this.isDown) return;
    this.isDown = true;
    alarms.raise('provider-down', { provider, failures: limits.failuresToOpen, restMs: limits.restMs });
  }

  private closed(): void {
    this.restsUntil = 0;
    this.isDown = false;
    this.parts.log.info({ message: 'a provider answers again', provider: this.parts.provider });
  }
}
