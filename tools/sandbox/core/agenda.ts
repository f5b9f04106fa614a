import { newId } from './random.js';
import type { Unit } from './unit.js';
import type { World } from './world.js';

const TICK_MS = 50;

export interface Plan {
  kind: string;
  object: string;
}

/** Does later, by the sandbox's clock, what the provider does by itself. Survives a restart; moving the clock hurries it. */
export class Agenda {
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly world: World,
    private readonly acts: Record<string, (unit: Unit, object: string) => void>,
  ) {
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  tick(): void {
    const { agenda } = this.world.store.tables;
    if (agenda.size === 0) return;
    const due = [...agenda.oldestFirst()].filter(({ atMs }) => atMs <= this.world.clock.nowMs);
    for (const { id, kind, object } of due) {
      const unit = this.world.open();
      this.acts[kind]?.(unit, object);
      unit.remove('agenda', id);
      this.world.commit(unit, { op: kind, idempotencyKey: null });
    }
  }

  close(): void {
    clearInterval(this.timer);
  }
}

/** `kind` is the operation's name in the journal, and the key under which its act is known. */
export function plan(world: World, unit: Unit, { kind, object }: Plan): void {
  unit.put('agenda', { id: newId('job_', 12), atMs: world.clock.nowMs + world.options.settleMs, kind, object });
}
