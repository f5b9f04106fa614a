/** The sandbox's own time: the machine's, moved forward by `POST /_sandbox/clock`. */
export class Clock {
  offsetMs = 0;

  get nowMs(): number {
    return Date.now() + this.offsetMs;
  }

  get seconds(): number {
    return Math.floor(this.nowMs / 1000);
  }

  get iso(): string {
    return new Date(this.nowMs).toISOString();
  }
}
