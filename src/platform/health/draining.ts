import { Injectable } from '@nestjs/common';

/** Whether this process is on its way out: not ready for new work, still finishing what it has. */
@Injectable()
export class Draining {
  private draining = false;
  private readonly hooks: (() => Promise<unknown>)[] = [];

  get isDraining(): boolean {
    return this.draining;
  }

  /** Called when draining begins; queues stop taking jobs here, and resolve when the current ones are done. */
  onBegin(hook: () => Promise<unknown>): void {
    this.hooks.push(hook);
  }

  async begin(): Promise<void> {
    this.draining = true;
    await Promise.allSettled(this.hooks.map((hook) => hook()));
  }
}
