import { BadRequest } from './http.js';
import type { Json } from './json.js';
import { newSeed, seeded } from './random.js';

const EFFECTS = ['dropReply', 'reset', 'stored500', 'status', 'delay'] as const;

export type FaultEffect = (typeof EFFECTS)[number];

export interface Fault {
  /** An operation such as `payment_intents.create`, or `*`. */
  op: string;
  effect: FaultEffect;
  /** `status` only. */
  status: number;
  /** `delay` only. */
  ms: number;
  /** How often it strikes before it is disarmed; `null` is for ever. */
  times: number | null;
  probability: number;
  seed: number;
  /** `stored500`: store the 500 without having done anything. */
  before: boolean;
  /** `delay`: hold the reply instead of the request. */
  after: boolean;
  /** `status`: seconds to send as `Retry-After`. */
  retryAfter: number | null;
}

interface Armed extends Fault {
  hits: number;
  roll: () => number;
}

/** What is to happen to one request: the delays around it, and at most one fault of another kind. */
export interface Verdict {
  beforeMs: number;
  afterMs: number;
  fault: Fault | null;
}

export class Faults {
  private armed: Armed[] = [];
  private readonly releases = new Set<() => void>();

  /** Replaces everything armed before, and lets go of the requests a delay is holding. */
  arm(faults: Fault[]): void {
    this.clear();
    this.armed = faults.map((fault) => ({ ...fault, hits: 0, roll: seeded(fault.seed) }));
  }

  clear(): void {
    this.armed = [];
    for (const release of [...this.releases]) release();
  }

  list(): (Fault & { hits: number })[] {
    return this.armed.map(({ roll: _roll, ...fault }) => fault);
  }

  /** The first fault that strikes decides; delays add to it. A replay cannot be given another stored answer. */
  draw(op: string, isReplay = false): Verdict {
    const verdict: Verdict = { beforeMs: 0, afterMs: 0, fault: null };
    for (const fault of this.armed) {
      if (fault.op !== '*' && fault.op !== op) continue;
      if (fault.effect === 'stored500' && isReplay) continue;
      if (fault.effect !== 'delay' && verdict.fault) continue;
      if (fault.times !== null && fault.hits >= fault.times) continue;
      if (fault.roll() >= fault.probability) continue;
      fault.hits += 1;
      if (fault.effect !== 'delay') verdict.fault = fault;
      else if (fault.after) verdict.afterMs += fault.ms;
      else verdict.beforeMs += fault.ms;
    }
    return verdict;
  }

  /** Waits, or until the faults are cleared: so a delay also serves to hold a request as long as a proof wants. */
  async hold(ms: number): Promise<void> {
    if (ms <= 0) return;
    await new Promise<void>((resolve) => {
      const release = () => {
        clearTimeout(timer);
        this.releases.delete(release);
        resolve();
      };
      const timer = setTimeout(release, ms);
      this.releases.add(release);
    });
  }
}

export function readFaults(body: unknown): Fault[] {
  if (!Array.isArray(body)) throw new BadRequest('The body is an array of faults');
  return body.map((one: Json) => readFault(one));
}

function readFault(value: Json): Fault {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new BadRequest('A fault is an object');
  const { op, effect, before, after } = value;
  if (typeof op !== 'string' || op === '') throw new BadRequest('A fault names its op, or "*"');
  const known = EFFECTS.find((name) => name === effect);
  if (!known) throw new BadRequest(`effect is one of ${EFFECTS.join(', ')}`);
  const number = (name: string) => {
    const given = value[name] ?? null;
    if (given !== null && (typeof given !== 'number' || given < 0))
      throw new BadRequest(`${name} is a number, 0 or more`);
    return given;
  };
  const probability = number('probability') ?? 1;
  if (probability > 1) throw new BadRequest('probability is between 0 and 1');
  const status = number('status');
  if (known === 'status' && (status === null || status < 400 || status > 599)) {
    throw new BadRequest('status is between 400 and 599');
  }
  return {
    op,
    effect: known,
    status: status ?? 500,
    ms: number('ms') ?? 0,
    times: number('times'),
    probability,
    seed: number('seed') ?? newSeed(),
    before: before === true,
    after: after === true,
    retryAfter: number('retryAfter'),
  };
}
