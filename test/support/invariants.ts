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

interface Booked {
  readonly id: string;
  readonly provider_refund_id: string;
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
    // The journal tells what the provider did to customers' money. What it kept for that is booked as fees.
    `SELECT e.currency, sum(e.amount)::integer AS amount FROM ledger_entries AS e
       JOIN ledger_transactions AS t ON t.id = e.transaction_id AND t.kind <> 'fee'
      WHERE e.account = 'provider:stripe' GROUP BY e.currency`,
  );
  const refunded = await database.query<Booked>(
    `SELECT t.source_id AS id, r.provider_refund_id FROM ledger_transactions AS t
       JOIN ledger_entries AS e ON e.transaction_id = t.id AND e.account = 'provider:stripe'
       JOIN refunds AS r ON r.id = t.source_id WHERE t.kind = 'refund'`,
  );
  const all = [
    ...books,
    ...againstJournal(captured, provider),
    ['mails sent too often', mailsTooOften(ambiguous, provider)],
    ...refundsAgainstJournal(refunded, provider),
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

function refundsAgainstJournal(booked: readonly Booked[], { journal }: Provider): [string, number][] {
  const given = journal.filter(({ outcome }) => outcome === 'refunded');
  const ended = new Set(journal.filter(({ outcome }) => outcome === 'refund_failed').map(({ object }) => object));
  const ours = new Set(booked.map(({ provider_refund_id: id }) => id));
  const theirs = new Set(given.map(({ object }) => object));
  const perRefund = countBy(
    given.filter(({ metadata }) => metadata['refund_id']),
    ({ metadata }) => metadata['refund_id'] ?? '',
  );
  // What came back before we heard of it need not be in the books.
  const stray = given.filter(({ object }) => !ours.has(object ?? '') && !ended.has(object));
  return [
    ['refunds that are not in the books (stray)', stray.length],
    ['refunds the provider never made (phantom)', [...ours].filter((id) => !theirs.has(id)).length],
    ['refunded twice', [...perRefund].filter(([, count]) => count > 1).length],
  ];
}

function differing(ledger: readonly { currency: string; amount: number }[], { journal }: Provider): number {
  const sums = new Map(ledger.map(({ currency, amount }) => [currency, -amount]));
  for (const entry of journal) {
    const { currency, amount } = entry;
    const sign = directionOf(entry);
    if (sign !== 0) sums.set(currency ?? '', (sums.get(currency ?? '') ?? 0) + sign * (amount ?? 0));
  }
  return [...sums].filter(([, difference]) => difference !== 0).length;
}

/** Whether the provider's hold on our money grew or shrank. */
function directionOf({ op, outcome }: JournalEntry): -1 | 0 | 1 {
  if (outcome === 'captured' || outcome === 'refund_failed' || op === 'disputes.reinstate') return 1;
  return outcome === 'refunded' || outcome === 'disputed' ? -1 : 0;
}

function countBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return counts;
}
