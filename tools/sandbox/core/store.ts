import { existsSync, renameSync, rmSync } from 'node:fs';
import type { JournalEntry } from './journal.js';
import { LineFile } from './lines.js';
import type { Changes, Removals, Rows, TableName } from './records.js';
import { Table } from './table.js';

/** The newest are kept; a list reaches no further back. Everything else is kept whole. */
const EVENTS_KEPT = 50_000;
const MESSAGES_KEPT = 20_000;
const ROWS_PER_SNAPSHOT_LINE = 500;

type Tables = { readonly [K in TableName]: Table<Rows[K]> };

export interface LogLine {
  /** The journal's entries of this piece of work, so that a kill between the two files can be mended. */
  entries?: JournalEntry[];
  put?: Changes;
  remove?: Removals;
  reset?: true;
}

/** The state in memory, and on disk as the log of what changed it; the log is rewritten short at each start. */
export class Store {
  readonly tables: Tables = {
    intents: new Table(),
    charges: new Table(),
    refunds: new Table(),
    disputes: new Table(),
    transactions: new Table(),
    answers: new Table(),
    events: new Table(EVENTS_KEPT),
    deliveries: new Table(EVENTS_KEPT),
    agenda: new Table(),
    messages: new Table(MESSAGES_KEPT),
    pushes: new Table(MESSAGES_KEPT),
    settings: new Table(),
  };
  /** The journal's entries of the last piece of work in the log. */
  lastEntries: JournalEntry[] = [];
  private log: LineFile;

  constructor(path: string) {
    const old = LineFile.open(path, (line) => this.apply(JSON.parse(line) as LogLine));
    const short = `${path}.new`;
    if (existsSync(short)) rmSync(short);
    this.log = LineFile.open(short, () => undefined);
    if (this.lastEntries.length > 0) this.log.append(`${JSON.stringify({ entries: this.lastEntries })}\n`);
    for (const name of this.names()) this.snapshot(name);
    renameSync(short, path);
    old.close();
  }

  /** Written first, then visible: a failing disk changes nothing. */
  write(line: LogLine): void {
    this.log.append(`${JSON.stringify(line)}\n`);
    this.apply(line);
  }

  reset(entries: JournalEntry[]): void {
    this.log.truncate();
    this.write({ reset: true, entries });
  }

  close(): void {
    this.log.close();
  }

  private names(): TableName[] {
    return Object.keys(this.tables) as TableName[];
  }

  private apply(line: LogLine): void {
    if (line.entries) this.lastEntries = line.entries;
    if (line.reset) for (const name of this.names()) this.tables[name].clear();
    for (const name of Object.keys(line.put ?? {}) as TableName[]) this.putAll(name, line.put ?? {});
    for (const name of Object.keys(line.remove ?? {}) as TableName[]) {
      for (const id of line.remove?.[name] ?? []) this.tables[name].delete(id);
    }
  }

  private putAll<K extends TableName>(name: K, changes: Changes): void {
    for (const row of changes[name] ?? []) this.tables[name].put(row);
  }

  private snapshot<K extends TableName>(name: K): void {
    let rows: Rows[K][] = [];
    const flush = () => {
      if (rows.length > 0) this.log.append(`${JSON.stringify({ put: { [name]: rows } })}\n`);
      rows = [];
    };
    for (const row of this.tables[name].oldestFirst()) {
      rows.push(row);
      if (rows.length >= ROWS_PER_SNAPSHOT_LINE) flush();
    }
    flush();
  }
}
