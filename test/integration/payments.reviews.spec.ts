import { PaymentNotFound } from '../../src/domains/payments/payment.errors.js';
import type { Payment } from '../../src/domains/payments/payment.entity.js';
import { ProviderViewsService } from '../../src/domains/payments/reviews/provider-views.service.js';
import { ReviewResolutionService } from '../../src/domains/payments/reviews/review-resolution.service.js';
import {
  OutcomeContradicted,
  ReviewNotFound,
  ReviewResolved,
} from '../../src/domains/payments/reviews/review.errors.js';
import { ReviewedPaymentsRepository } from '../../src/domains/payments/reviews/reviewed-payments.repository.js';
import { ReviewsController } from '../../src/domains/payments/reviews/reviews.controller.js';
import type { ResolveReview } from '../../src/domains/payments/reviews/reviews.dto.js';
import { ReviewsRepository } from '../../src/domains/payments/reviews/reviews.repository.js';
import { ServiceUnavailable } from '../../src/shared/errors.js';
import { newId } from '../../src/shared/ids.js';
import * as books from './payments.books.js';
import { anUndecided as anUndecidedIn, atStripe as atStripeOf } from './payments.reviews.support.js';
import { PaymentDesk, PRICE } from './payments.support.js';

jest.setTimeout(60_000);

const note = 'Looked it up in the dashboard.';

let shop: PaymentDesk;
let door: ReviewsController;
let operator: { id: string; email: string; roles: [] };

beforeAll(async () => {
  shop = await PaymentDesk.open();
  const { dataSource, transactions, orders } = shop.desk;
  const providers = new ProviderViewsService(shop.strategies);
  const reviews = new ReviewsRepository();
  const resolution = new ReviewResolutionService(
    transactions,
    orders,
    shop.payments,
    reviews,
    providers,
    shop.settlement,
  );
  door = new ReviewsController(new ReviewedPaymentsRepository(dataSource), providers, resolution);
  operator = { id: newId(), email: 'support@shop.example', roles: [] };
});

afterAll(async () => {
  await shop?.close();
});

beforeEach(async () => {
  await shop.rig.arm();
});

const resolve = ({ id }: Pick<Payment, 'id'>, outcome: ResolveReview['outcome']) =>
  door.resolve(operator, id, { outcome, note });

const atStripe = (payment: Payment, options?: { amount?: number; card?: string }) => atStripeOf(shop, payment, options);
const anUndecided = (prepare?: (payment: Payment) => Promise<unknown>) => anUndecidedIn(shop, prepare);

async function reviewRows({ id }: Pick<Payment, 'id'>) {
  return shop.db.query(
    `SELECT reason, outcome, note, resolved_by AS "resolvedBy", resolved_at IS NOT NULL AS "isResolved"
       FROM reviews WHERE payment_id = $1 ORDER BY id`,
    [id],
  );
}

describe('the list', () => {
  it('shows payments that need review and open reviews of others together, the newest payment first', async () => {
    const settled = (await shop.pay()).payment;
    const transaction = shop.desk.transactions;
    await transaction.run((tx) => new ReviewsRepository().open(tx, settled, { reason: 'looks-odd', evidence: {} }));
    const undecided = await anUndecided();

    const { data, next } = await door.list({ limit: 20 });

    expect(next).toBeNull();
    expect(data.map(({ paymentId, status }) => ({ paymentId, status }))).toEqual([
      { paymentId: undecided.id, status: 'needs_review' },
      { paymentId: settled.id, status: 'succeeded' },
    ]);
    expect(data[1]).toMatchObject({
      amount: PRICE,
      reasons: [{ reason: 'looks-odd', resolvedAt: null, outcome: null }],
      evidence: { provider: { status: 'succeeded', amount: PRICE, currency: 'USD' } },
    });
    expect(data[1]?.evidence.calls.map(({ op }) => op)).toContain('payment_intents.create');
    expect(data[0]?.evidence.provider).toBeNull();
    expect(data[0]?.reasons.map(({ reason }) => reason)).toEqual(['provider-did-not-answer']);
    await resolve(settled, 'dismissed');
    await resolve(undecided, 'not-captured');
    expect((await door.list({ limit: 20 })).data).toEqual([]);
  });

  it('goes on behind the last payment of a page', async () => {
    const made: string[] = [];
    for (let count = 0; count < 3; count += 1) made.unshift((await anUndecided()).id);
    const first = await door.list({ limit: 2 });
    const second = await door.list({ limit: 2, after: first.next ?? '' });

    expect([...first.data, ...second.data].map(({ paymentId }) => paymentId)).toEqual(made);
    expect(second.next).toBeNull();
    for (const id of made) await resolve({ id }, 'not-captured');
  });

  it('tells no secret of the customer, whatever the provider said', async () => {
    const { payment } = await shop.pay({ paymentMethodId: 'pm_card_authenticationRequired' });
    const secret = payment.nextAction && 'clientSecret' in payment.nextAction ? payment.nextAction.clientSecret : '';
    const now = new Date();
    await shop.settlement.settle(payment, {
      call: { op: 'test', key: null, startedAt: now, endedAt: now, requestId: null },
      status: 'requires_action',
      nextAction: { type: 'confirm', clientSecret: secret },
      providerPaymentId: payment.providerPaymentId,
      chargeId: null,
      amount: 1,
      currency: 'USD',
    });
    const page = JSON.stringify(await door.list({ limit: 20 }));

    expect(page).toContain('amount-differs');
    expect(secret.length).toBeGreaterThan(10);
    expect(page).not.toContain(secret);
    await resolve(payment, 'not-captured');
    expect(await shop.atProvider(payment)).toBe('canceled');
  });
});

describe('resolving', () => {
  it('as captured ends where the provider has the capture, with who, why and what it rests on', async () => {
    const undecided = await anUndecided((payment) => atStripe(payment));

    const view = await resolve(undecided, 'captured');

    expect(view).toMatchObject({
      status: 'succeeded',
      capturedAmount: PRICE,
      evidence: { provider: { amount: PRICE } },
    });
    expect(view.reasons).toMatchObject([{ outcome: 'captured', note, resolvedBy: operator.id }]);
    expect(await books.bookedFor(shop.db, undecided.id)).toEqual([
      `provider:stripe ${PRICE}`,
      `revenue:orders -${PRICE}`,
    ]);
    expect(await books.orderStatus(shop.db, undecided.orderId)).toBe('completed');
    const told = await shop.db.query(
      `SELECT payload ->> 'outcome' AS outcome FROM events WHERE order_id = $1
      AND name = 'review.resolved'`,
      [undecided.orderId],
    );
    expect(told).toEqual([{ outcome: 'captured' }]);
    expect(JSON.stringify(await shop.db.query(`SELECT payload FROM events`))).not.toContain(note);
  });

  it('as captured is refused where the provider knows of no capture, and nothing has changed', async () => {
    const undecided = await anUndecided();
    const before = await books.endOf(shop.db, undecided.id);

    await expect(resolve(undecided, 'captured')).rejects.toBeInstanceOf(OutcomeContradicted);

    expect(await shop.payments.get(undecided.id)).toMatchObject({ status: 'needs_review', capturedAmount: 0 });
    expect(await reviewRows(undecided)).toMatchObject([{ isResolved: false, outcome: null }]);
    expect(await books.endOf(shop.db, undecided.id)).toBe(before);
    await resolve(undecided, 'not-captured');
  });

  it('as not captured is refused where the provider has the money', async () => {
    const undecided = await anUndecided((payment) => atStripe(payment));
    await expect(resolve(undecided, 'not-captured')).rejects.toMatchObject({
      extensions: { paymentStatus: 'succeeded', providerStatus: 'succeeded' },
    });
    expect((await shop.payments.get(undecided.id)).status).toBe('needs_review');
    await resolve(undecided, 'captured');
  });

  it('as not captured cancels at the provider what could still be paid there', async () => {
    const undecided = await anUndecided((payment) => atStripe(payment, { card: 'pm_card_authenticationRequired' }));

    await resolve(undecided, 'not-captured');

    const ended = await shop.payments.get(undecided.id);
    expect(ended.status).toBe('cancelled');
    expect(await shop.atProvider(ended)).toBe('canceled');
    await expect(shop.open({}, { id: undecided.orderId, user: (await shop.order()).user })).resolves.toBeDefined();
  });

  it('takes no capture of another amount for this payment’s', async () => {
    const undecided = await anUndecided((payment) => atStripe(payment, { amount: PRICE + 1 }));
    await expect(resolve(undecided, 'captured')).rejects.toBeInstanceOf(OutcomeContradicted);
    expect(await books.bookedFor(shop.db, undecided.id)).toEqual([]);
  });

  it('waits for a provider that says nothing', async () => {
    const undecided = await anUndecided();
    await shop.rig.arm({ op: 'payment_intents.list', effect: 'status', status: 503 });
    await expect(resolve(undecided, 'not-captured')).rejects.toBeInstanceOf(ServiceUnavailable);
    expect((await shop.payments.get(undecided.id)).status).toBe('needs_review');
  });

  it('cannot dismiss a payment that has to end', async () => {
    const undecided = await anUndecided();
    await expect(resolve(undecided, 'dismissed')).rejects.toBeInstanceOf(OutcomeContradicted);
    expect(await reviewRows(undecided)).toMatchObject([{ isResolved: false }]);
  });

  it('happens once, however many operators do it at the same moment', async () => {
    const undecided = await anUndecided((payment) => atStripe(payment));

    const tried = await Promise.allSettled(Array.from({ length: 6 }, () => resolve(undecided, 'captured')));

    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refusals = tried.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    for (const refusal of refusals) expect(refusal).toBeInstanceOf(ReviewResolved);
    expect(await books.bookedFor(shop.db, undecided.id)).toHaveLength(2);
  });

  it('of nothing, and of no payment, is not found', async () => {
    const { payment } = await shop.pay();
    await expect(resolve(payment, 'dismissed')).rejects.toBeInstanceOf(ReviewNotFound);
    await expect(resolve({ id: newId() }, 'dismissed')).rejects.toBeInstanceOf(PaymentNotFound);
  });
});

it('a review is closed by itself when the provider says what it was opened for', async () => {
  const undecided = await anUndecided();
  const intent = await atStripe(undecided);

  await shop.intents.settleIntent(intent.id);

  expect((await shop.payments.get(undecided.id)).status).toBe('succeeded');
  expect(await reviewRows(undecided)).toMatchObject([{ outcome: 'settled', note: null, resolvedBy: null }]);
  await expect(resolve(undecided, 'captured')).rejects.toBeInstanceOf(ReviewResolved);
});

it('control: settled by the operator’s word alone, a payment nobody charged would be booked', async () => {
  const undecided = await anUndecided();
  const now = new Date();
  await shop.settlement.settle(undecided, {
    call: { op: 'word', key: null, startedAt: now, endedAt: now, requestId: null },
    status: 'succeeded',
    providerPaymentId: `pi_${newId()}`,
    chargeId: null,
    amount: PRICE,
    currency: 'USD',
  });

  expect(await books.bookedFor(shop.db, undecided.id)).toHaveLength(2);
  expect((await shop.rig.journal()).filter(({ metadata }) => metadata['payment_id'] === undecided.id)).toEqual([]);
});
