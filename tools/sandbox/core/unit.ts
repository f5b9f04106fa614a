import type { Effect } from './journal.js';
import type { Changes, Removals, Rows, TableName } from './records.js';
import type { Store } from './store.js';

export type Note = Partial<Omit<Effect, 'op' | 'idempotencyKey'>> & { op?: string };

/**
 * One synchronous piece of work. It sees its own changes; nobody else does until it is written whole: rows, events, the
 * answer stored under the idempotency key and the journal's lines. Thrown away, it leaves nothing behind.
 */
export class Unit {
  readonly puts: Changes = {};
  readonly removals: Removals = {};
  readonly notes: Note[] = [];
  /** The events to send, in the order in which they happened. */
  readonly deliveries: string[] = [];

  constructor(private readonly store: Store) {}

  get<K extends TableName>(table: K, id: string): Rows[K] | undefined {
    const own: Rows[K][] = this.puts[table] ?? [];
    return own.findLast((row) => row.id === id) ?? this.store.tables[table].get(id);
  }

  put<K extends TableName>(table: K, row: Rows[K]): Rows[K] {
    const own: Rows[K][] = this.puts[table] ?? [];
    const at = own.findIndex((earlier) => earlier.id === row.id);
    if (at >= 0) own[at] = row;
    else own.push(row);
    Object.assign(this.puts, { [table]: own });
    return row;
  }

  remove(table: TableName, id: string): void {
    this.removals[table] = [...(this.removals[table] ?? []), id];
  }

  /** A line for the journal; what is left out is filled in with the operation's own. */
  note(note: Note): void {
    this.notes.push(note);
  }

  get isEmpty(): boolean {
    return Object.keys(this.puts).length === 0 && Object.keys(this.removals).length === 0;
  }
}
