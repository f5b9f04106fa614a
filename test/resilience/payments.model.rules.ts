import { BOOKS } from '../support/invariants.sql.js';
import type { Word } from './payments.model.objects.js';
import type { MemoryStripe } from './payments.model.provider.js';
import type { SeenPayment, SeenRefund, Sight, World } from './payments.model.world.js';

/** What an answer of the provider must have said before a payment may be so; null needs no answer. */
const GROUNDS: Readonly<Record<string, Word | null | undefined>> = {
  submitting: null,
  unknown: null,
  requires_action: 'requires_action',
  authorized: 'authorized',
  succeeded: 'succeeded',
  late_succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
};

const REFUND_GROUNDS: Readonly<Record<string, Word | null | undefined>> = {
  requested: null,
  submitting: null,
  unknown: null,
  succeeded: 'succeeded',
  failed: 'failed',
};

/** What support has to decide when money that was to go back did not. */
const REFUND_REVIEWS: readonly string[] = ['refund-failed', 'refund-reversed', 'refund-came-too-late'];

/** Mail and queues have no part in the model; late money and reviews have rules of their own here. */
const OTHERS_PART: ReadonlySet<string> = new Set([
  'completed orders without exactly one receipt',
  'open deliveries',
  'notifications not sent',
  'successful refunds without exactly one letter',
  'late successes without their refund',
  'open reviews',
]);

/** What never holds between two steps, whatever happened before them. Empty is right. */
export function brokenRules(world: World, before: Sight, now: Sight): string[] {
  const { stripe } = world;
  const succeeded = now.payments.filter(({ status }) => status === 'succeeded');
  const holding = now.payments.filter((payment) => isLive(payment) || payment.status === 'succeeded');
  return [
    ...world.broken.map((error) => `something broke: ${String(error)}`),
    ...when(holding.length > 1, 'an order has two payments that are live or succeeded'),
    ...when((now.order === 'completed') !== (succeeded.length === 1), `a ${now.order} order has ${succeeded.length}`),
    ...when(now.order === 'cancelled' && holding.length > 0, 'a cancelled order has a payment that is live'),
    ...when(before.order !== 'pending' && now.order !== before.order, `an order that was ${before.order} moved`),
    ...when(
      now.reviews.some((reason) => !REFUND_REVIEWS.includes(reason)),
      `an operator has to see ${now.reviews.join()}`,
    ),
    ...now.payments.flatMap((payment) => brokenBy(payment, before, { stripe, isQuiet: now.running.length === 0 })),
    ...now.payments.flatMap((payment) => brokenByRefunds(payment, now, stripe)),
  ];
}

/** What must hold besides when everything has come to rest. */
export async function brokenAtRest({ shop, stripe }: World, now: Sight): Promise<string[]> {
  const intents = [...stripe.intents.values()];
  const paid = intents.filter(({ status }) => status === 'succeeded');
  const kept = [...stripe.payable(), ...stripe.reserved()].filter((intent) => stripe.isDisclosed(intent));
  const given = now.payments.flatMap(({ refunds }) => refunds.filter(({ status }) => status === 'succeeded'));
  const books = await shop.db.query<{ name: string; violations: number }>(BOOKS);
  return [
    ...when(now.order === 'pending' || now.payments.some(isLive), 'something stays live for ever'),
    ...when(kept.length > 0, 'an intent stays payable, or money reserved, for ever'),
    ...when(now.running.length > 0, `${now.running.join()} never ends`),
    ...when(
      sumOf(given) !== sumOf(stripe.returned()) && !now.reviews.includes('refund-came-too-late'),
      'the provider gave back other money than the books say',
    ),
    ...when(
      capturesOf(now.payments.filter(isCaptured)) !==
        capturesOf(paid.map(({ paymentId: id, captured }) => ({ id, captured }))),
      'the provider captured other money than the books say',
    ),
    ...books.flatMap(({ name, violations }) => when(violations > 0 && !OTHERS_PART.has(name), name)),
  ];
}

interface Around {
  readonly stripe: MemoryStripe;
  readonly isQuiet: boolean;
}

function brokenBy(payment: SeenPayment, { payments }: Sight, { stripe, isQuiet }: Around): string[] {
  const { id, status } = payment;
  const earlier = payments.find((other) => other.id === id)?.status ?? status;
  const grounds = GROUNDS[status];
  const intents = [...stripe.intents.values()].filter(({ paymentId }) => paymentId === id);
  const isPaid = stripe.hasAnswered(id, 'succeeded');
  return [
    ...when(grounds === undefined, `a payment is ${status}`),
    ...when(Boolean(grounds && !stripe.hasTold('payment', id, grounds)), `a payment is ${status}, and nobody said so`),
    ...when(isQuiet && isPaid && !isCaptured(payment), `a payment is ${status}, and the provider said it is paid`),
    ...when(status !== earlier && isCaptured({ status: earlier }), `a payment that was ${earlier} is ${status}`),
    ...when(intents.length > 1, 'a payment has two intents at the provider'),
    ...when(isCaptured(payment) !== payment.captured > 0, `a ${status} payment captured ${payment.captured}`),
  ];
}

/** Money goes back once, because it was asked for, and never more than there is. */
function brokenByRefunds(
  { status, captured, refunds }: SeenPayment,
  { reviews }: Sight,
  stripe: MemoryStripe,
): string[] {
  const returning = sumOf(refunds.filter((refund) => refund.status !== 'failed'));
  const made = [...stripe.refunds.values()].map(({ refundId }) => refundId);
  const isKept = status === 'late_succeeded' && returning < captured && reviews.length === 0;
  return [
    ...when(isKept, 'late money is kept'),
    ...when(returning > captured, `${returning} go back of ${captured}`),
    ...when(new Set(made).size < made.length, 'a refund was made twice'),
    ...refunds.flatMap((refund) => {
      const grounds = REFUND_GROUNDS[refund.status];
      const isGrounded = grounds === null || (grounds !== undefined && stripe.hasTold('refund', refund.id, grounds));
      return when(!isGrounded, `a refund is ${refund.status}, and nobody said so`);
    }),
  ];
}

function sumOf(all: readonly Pick<SeenRefund, 'amount'>[]): number {
  return all.reduce((sum, { amount }) => sum + amount, 0);
}

const LIVE = ['submitting', 'unknown', 'requires_action', 'authorized', 'awaiting_confirmation', 'needs_review'];

function isLive({ status }: Pick<SeenPayment, 'status'>): boolean {
  return LIVE.includes(status);
}

function isCaptured({ status }: Pick<SeenPayment, 'status'>): boolean {
  return status === 'succeeded' || status === 'late_succeeded';
}

function capturesOf(payments: readonly Pick<SeenPayment, 'id' | 'captured'>[]): string {
  return payments
    .map(({ id, captured }) => `${id} ${captured}`)
    .sort()
    .join();
}

function when(isBroken: boolean, rule: string): string[] {
  return isBroken ? [rule] : [];
}
