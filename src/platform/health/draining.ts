import { Injectable } from '@nestjs/common';

/** Stops taking work, and resolves when the work under way is done. */
export type Rest = () => Promise<unknown>;

/** Whether this process is on its way out: not ready for new work, still finishing what it has. */
@Injectable()
export class Draining {
  private draining = false;
  private readonly hooks: Rest[] = [];

  get isDraining(): boolean {
    return this.draining;
  }

  /** Called once, when draining begins. Queues and poll loops rest here. */
  onBegin(hook: Rest): void {
    this.hooks.push(hook);
  }

  /** Resolves when all rest; one that cannot does not keep the others from it. */
  async begin(): Promise<void> {
    this.draining = true;
    await Promise.allSettled(this.hooks.map(async (hook) => hook()));
  }
}
