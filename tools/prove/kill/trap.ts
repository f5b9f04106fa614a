import type { Hold } from '../../../test/support/proxy.js';
import { hearStatements } from '../../../test/support/statement-count.js';

export interface Prey {
  readonly hold: Hold;
  /** The statement at which the connection is held; with `after`, the first one that fits after that on the same connection. */
  readonly at: RegExp;
  readonly after?: RegExp;
}

/** Stands in a proxy, waits for one statement, and from there on lets nothing pass on that connection. */
export class Trap {
  private prey: Prey | undefined;
  private caught = false;

  /** For `proxied: { toDatabase }`. */
  readonly listener = hearStatements(() => {
    let isNear = false;
    return (statement) => {
      const { prey } = this;
      if (!prey) return;
      if (prey.after && !isNear) {
        isNear = prey.after.test(statement);
        return;
      }
      if (!prey.at.test(statement)) return;
      this.prey = undefined;
      this.caught = true;
      return prey.hold;
    };
  });

  arm(prey: Prey): void {
    this.prey = prey;
    this.caught = false;
  }

  get hasCaught(): boolean {
    return this.caught;
  }

  disarm(): void {
    this.prey = undefined;
  }
}
