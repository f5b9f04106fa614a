import type { RunningShop } from '../../../test/support/running-shop.js';
import type { Stage } from '../stage.js';

export interface Victim {
  readonly role: 'web' | 'worker';
  readonly index: number;
}

const VICTIMS: readonly Victim[] = [
  { role: 'web', index: 0 },
  { role: 'web', index: 1 },
  { role: 'worker', index: 0 },
  { role: 'worker', index: 1 },
];

export const WORKERS = VICTIMS.filter(({ role }) => role === 'worker');

/** The processes of a shop under fire: whoever is killed is started again at once, as an orchestrator does. */
export class Fleet {
  kills = 0;
  private readonly starting = new Set<Promise<void>>();
  private turn = 0;

  constructor(private readonly shop: RunningShop) {}

  /** Web servers and workers take turns; which of them, the dice say. */
  next(stage: Stage): Victim {
    this.turn += 1;
    const role = this.turn % 2 === 0 ? 'web' : 'worker';
    return stage.pick(VICTIMS.filter((victim) => victim.role === role));
  }

  async kill(...victims: readonly Victim[]): Promise<void> {
    this.kills += victims.length;
    await Promise.all(victims.map(({ role, index }) => this.shop.kill(role, { index })));
    for (const { role, index } of victims) {
      const start = this.shop.start(role, index);
      // Told by `whole`, and until then nobody's.
      start.catch(() => undefined);
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
