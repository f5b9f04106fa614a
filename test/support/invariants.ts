import type { JournalEntry } from '../../tools/sandbox/core/journal.js';
import type { Message } from '../../tools/sandbox/core/records.js';
import type { TestDatabase } from './database.js';
import { BOOKS } from './invariants.sql.js';

/** What does not hold, by its name, and how often. */
export type Violations = Record<string, number>;

/** What the provider did, by its own account. */
export interface Provider {
  readonly journal: readonly JournalEntry[];
  readonly mails: readonly Message[];
}

interface Captured {
  readonly id: string;
  readonly order_id: string;
  readonly status: string;
  readonly provider_payment_id: string | null;
}

interface Ambiguous {
  readonly id: string;
  readonly sends: number;
}

/** Everything that must always hold once a shop is quiet. SQL alone cannot see a double charge, so the provider is asked too. */
export async function violationsOf(database: Pick<TestDatabase, 'query'>, provider: Provider): Promise<Violations> {
  const rows = await database.query<{ name: string; violations: number }>(BOOKS);
  const books = rows.map(({ name, violations }): [string, number] => [name, violations]);
  const captured = await database.query<Captured>(
    `SELECT id, order_id, status, provider_payment_id FROM payments
      WHERE provider = 'stripe' AND status IN ('succeeded', 'late_succeeded')`,
  );
  const ambiguous = await database.query<Ambiguous>(
    `SELECT id, ambiguous_sends AS sends FROM notifications WHERE ambiguous_sends > 0`,
  );
  const ledger = await database.query<{ currency: string; amount: number }>(
    `SELECT currency, sum(amount)::integer AS amount FROM ledger_entries WHERE account = 'provider:stripe' GROUP BY currency`,
  );
  const all = [
    ...books,
    ...againstJournal(captured, provider),
    ['mails sent too often', mailsTooOften(ambiguous, provider)],
    ['ledger and provider differ', differing(ledger, provider)],
  ];
  return Object.fromEntries(all.filter(([, count]) => count !== 0)) as Violations;
}

function againstJournal(captured: readonly Captured[], { journal }: Provider): [string, number][] {
  const captures = journal.filter(({ outcome }) => outcome === 'captured');
  const ours = new Set(captured.map(({ provider_payment_id: id }) => id));
  const theirs = new Set(captures.map(({ object }) => object));
  const late = countBy(
    captured.filter(({ status }) => status === 'late_succeeded'),
    ({ order_id: id }) => id,
  );
  // A late success goes back; what is left for the order is its one capture.
  const perOrder = countBy(captures, ({ metadata }) => metadata['order_id'] ?? 'none');
  const twice = [...perOrder].filter(([orderId, count]) => count - (late.get(orderId) ?? 0) > 1);
  return [
    ['captures without a payment (stray money)', captures.filter(({ object }) => !ours.has(object)).length],
    [
      'payments without a capture (phantom money)',
      captured.filter((row) => !theirs.has(row.provider_payment_id)).length,
    ],
    ['orders captured twice', twice.length],
  ];
}

/** Once, and once more for every try of which nobody knows how it ended. */
function mailsTooOften(ambiguous: readonly Ambiguous[], { mails }: Provider): number {
  const allowed = new Map(ambiguous.map(({ id, sends }) => [id, 1 + sends]));
  const sent = countBy(mails, ({ customArgs, id }) => customArgs['notificationId'] ?? id);
  return [...sent].filter(([id, count]) => count > (allowed.get(id) ?? 1)).length;
}

function differing(ledger: readonly { currency: string; amount: number }[], { journal }: Provider): number {
  const sums = new Map(ledger.map(({ currency, amount }) => [currency, -amount]));
  for (const { outcome, currency, amount } of journal) {
    const sign = outcome === 'captured' ? 1 : outcome === 'refunded' ? -1 : 0;
    if (sign !== 0) sums.set(currency ?? '', (sums.get(currency ?? '') ?? 0) + sign * (amount ?? 0));
  }
  return [...sums].filter(([, difference]) => difference !== 0).length;
}

function countBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return counts;
}
