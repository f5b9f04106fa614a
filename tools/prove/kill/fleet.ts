import type { RunningShop } from '../../../test/support/running-shop.js';
import type { Stage } from '../stage.js';

export type Victim = { readonly role: 'web' | 'worker'; readonly index: number };

export const VICTIMS: readonly Victim[] = [
  { role: 'web', index: 0 },
  { role: 'web', index: 1 },
  { role: 'worker', index: 0 },
  { role: 'worker', index: 1 },
];

/** The processes of a shop under fire: whoever is killed is started again at once, as an orchestrator does. */
export class Fleet {
  kills = 0;
  private turn = 0;
  private readonly starting = new Set<Promise<void>>();

  constructor(private readonly shop: RunningShop) {}

  /** Web servers and workers take turns; which of them, the dice say. */
  next(stage: Stage): Victim {
    this.turn += 1;
    const role = this.turn % 2 === 0 ? 'web' : 'worker';
    return stage.pick(VICTIMS.filter((victim) => victim.role === role));
  }

  async kill(...victims: Victim[]): Promise<void> {
    this.kills += victims.length;
    await Promise.all(victims.map(({ role, index }) => this.shop.kill(role, { index })));
    for (const { role, index } of victims) {
      const start = this.shop.start(role, index);
      this.starting.add(start);
    }
  }

  /** Until everybody runs again. */
  async whole(): Promise<void> {
    const starting = [...this.starting];
    this.starting.clear();
    await Promise.all(starting);
  }
}
