import { LineFile } from './lines.js';
import type { Metadata } from './records.js';

export type Outcome =
  | 'captured'
  | 'authorized'
  | 'requires_action'
  | 'declined'
  | 'cancelled'
  | 'refunded'
  | 'refund_failed'
  | 'disputed'
  | 'accepted'
  | 'rejected'
  | 'replayed'
  | 'none';

/** What one operation did to money or mail. `amount` is the effect in minor units, `currency` upper case. */
export interface Effect {
  op: string;
  object: string | null;
  idempotencyKey: string | null;
  amount: number | null;
  currency: string | null;
  metadata: Metadata;
  outcome: Outcome;
}

export interface JournalEntry extends Effect {
  n: number;
  at: string;
}

/** The append-only account of every effect, numbered from 1 without a gap, over restarts and resets. Proofs compare it with the shop's books. */
export class Journal {
  private readonly offsets: number[] = [];
  private readonly file: LineFile;

  constructor(path: string) {
    this.file = LineFile.open(path, (_line, offset) => this.offsets.push(offset));
  }

  get last(): number {
    return this.offsets.length;
  }

  number(effects: Effect[], at: string): JournalEntry[] {
    return effects.map((effect, index) => ({ n: this.last + 1 + index, at, ...effect }));
  }

  append(entries: JournalEntry[]): void {
    let text = '';
    const offsets: number[] = [];
    for (const entry of entries) {
      offsets.push(this.file.size + Buffer.byteLength(text));
      text += `${JSON.stringify(entry)}\n`;
    }
    this.file.append(text);
    this.offsets.push(...offsets);
  }

  /** The entries numbered above `n`, as the text of a JSON array. */
  after(n: number): string {
    const from = this.offsets[Math.max(0, n)];
    if (from === undefined) return '[]';
    return `[${this.file.read(from).trimEnd().replaceAll('\n', ',')}]`;
  }

  close(): void {
    this.file.close();
  }
}
