/** A loop's one turn. Returning true means there was a full batch: look again at once. */
export type Turn = () => Promise<boolean>;

export interface PollLoopOptions {
  readonly intervalMs: number;
  readonly turn: Turn;
  /** Hears the first error of a row of errors, so that an outage is one line and not a flood. */
  readonly onOutage: (error: unknown) => void;
}

/**
 * Runs a turn, waits the interval with ±20 % jitter, runs the next: never two at a time in one process. An error ends
 * its turn only. Several processes may run the same loop where the turn takes its work with SKIP LOCKED.
 */
export class PollLoop {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = true;
  private failing = false;

  constructor(private readonly options: PollLoopOptions) {}

  start(): void {
    this.stopped = false;
    this.schedule(0);
  }

  /** Resolves when the turn under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.turn();
    }, delayMs);
  }

  private async turn(): Promise<void> {
    let isMore = false;
    try {
      isMore = await this.options.turn();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.options.onOutage(error);
      this.failing = true;
    }
    this.schedule(isMore ? 0 : this.options.intervalMs * (0.8 + Math.random() * 0.4));
  }
}
