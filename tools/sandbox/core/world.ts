import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Clock } from './clock.js';
import { Faults } from './faults.js';
import { type Effect, Journal } from './journal.js';
import { Store } from './store.js';
import { Unit } from './unit.js';
import { Webhooks } from './webhooks.js';

export interface WorldOptions {
  dataDir: string;
  webhookUrl: string | null;
  webhookSecret: string;
  /** How long the provider takes for what it does by itself, such as failing a refund. */
  settleMs: number;
  /** A key accepted besides every `sk_test_…`. */
  stripeKey: string | null;
}

/** Who asked for a piece of work: what the journal's lines take over unless they say otherwise. */
export interface Cause {
  op: string;
  idempotencyKey: string | null;
}

/** Everything one sandbox has: state, journal, clock, faults, webhooks. */
export class World {
  readonly clock = new Clock();
  readonly faults = new Faults();
  readonly store: Store;
  readonly journal: Journal;
  readonly webhooks: Webhooks;
  /** Where browsers and the shop reach this sandbox; known once it listens. */
  baseUrl = '';

  constructor(readonly options: WorldOptions) {
    mkdirSync(options.dataDir, { recursive: true });
    this.store = new Store(join(options.dataDir, 'objects.ndjson'));
    this.journal = new Journal(join(options.dataDir, 'journal.ndjson'));
    this.mendJournal();
    const outbox = {
      payload: (id: string) => this.store.tables.events.get(id)?.json,
      close: (id: string) => this.closeDelivery(id),
    };
    this.webhooks = new Webhooks(options.webhookSecret, outbox, options.webhookUrl);
    this.restoreSettings();
  }

  open(): Unit {
    return new Unit(this.store);
  }

  /** Writes a piece of work whole, then lets it be seen and heard. The reply comes after this, never before. */
  commit(unit: Unit, cause: Cause): void {
    const effects = unit.notes.map((note): Effect => ({ ...NOTHING, ...cause, ...note }));
    const entries = this.journal.number(effects, this.clock.iso);
    if (!unit.isEmpty) this.store.write({ entries, put: unit.puts, remove: unit.removals });
    if (entries.length > 0) this.journal.append(entries);
    if (unit.deliveries.length > 0) setImmediate(() => this.webhooks.enqueue(unit.deliveries));
  }

  /** Sends again what was on its way when the last process ended. */
  resume(): void {
    this.webhooks.enqueue([...this.store.tables.deliveries.oldestFirst()].map(({ id }) => id));
  }

  reset(): void {
    const effect: Effect = { ...NOTHING, op: 'reset' };
    this.faults.clear();
    this.webhooks.forget();
    this.webhooks.change({ ...this.webhooks.settings, lose: 0, copies: 1, shuffle: false, delayMs: 0, paused: false });
    this.clock.offsetMs = 0;
    const entries = this.journal.number([effect], this.clock.iso);
    this.store.reset(entries);
    this.journal.append(entries);
  }

  close(): void {
    this.faults.clear();
    this.webhooks.close();
    this.store.close();
    this.journal.close();
  }

  private closeDelivery(id: string): void {
    if (!this.store.tables.deliveries.get(id)) return;
    this.store.write({ remove: { deliveries: [id] } });
  }

  /** The log is written before the journal; a process killed between the two left the journal short of its last lines. */
  private mendJournal(): void {
    const missing = this.store.lastEntries.filter(({ n }) => n > this.journal.last);
    if (missing.length > 0) this.journal.append(missing);
  }

  private restoreSettings(): void {
    const { settings } = this.store.tables;
    const offset = settings.get('clock')?.value['offsetMs'];
    if (typeof offset === 'number') this.clock.offsetMs = offset;
    const url = settings.get('webhooks')?.value['url'];
    if (this.options.webhookUrl === null && typeof url === 'string') this.webhooks.settings.url = url;
  }
}

const NOTHING: Effect = {
  op: '',
  object: null,
  idempotencyKey: null,
  amount: null,
  currency: null,
  metadata: {},
  outcome: 'none',
};
