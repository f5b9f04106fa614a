import Stripe from 'stripe';
import { Payment, type KnownPayment } from '../../src/domains/payments/payment.entity.js';
import type { ProviderReport } from '../../src/domains/payments/provider-report.js';
import { CardPayment } from '../../src/domains/payments/strategies/card.payment.js';
import { newId } from '../../src/shared/ids.js';
import { Rig } from './sandbox.fixture.js';

/**
 * What the shop relies on at Stripe, asked as the shop asks it. The same file runs against Stripe's own test mode:
 *
 *     STRIPE_TEST_KEY=sk_test_… npm test -- test/contract/card-payment.spec.ts
 *
 * It needs an account that takes cards in EUR. What Stripe has no door for (lost answers, the clock, the journal, the
 * customer's answer to the bank) is proven on the sandbox alone, in `sandbox-*.spec.ts`.
 */
const TEST_KEY = process.env['STRIPE_TEST_KEY'] ?? '';
const TIMEOUT_MS = 20_000;

jest.setTimeout(120_000);

let rig: Rig | undefined;
let stripe: Stripe;
let cards: CardPayment;

beforeAll(async () => {
  if (TEST_KEY !== '' && !TEST_KEY.startsWith('sk_test_')) throw new Error('STRIPE_TEST_KEY is no key of a test mode');
  if (TEST_KEY === '') rig = await Rig.start();
  stripe = rig?.stripe() ?? new Stripe(TEST_KEY, { maxNetworkRetries: 1, timeout: TIMEOUT_MS, telemetry: false });
  cards = new CardPayment(stripe);
});
afterAll(() => rig?.close());

function aCardPayment(paymentMethodId?: string, changes: Partial<Payment> = {}): Payment {
  const id = newId();
  const returnUrl = 'https://shop.example/back';
  return Object.assign(new Payment(), {
    id,
    orderId: newId(),
    amount: 2_500,
    currency: 'EUR',
    captureMethod: 'automatic',
    providerIdempotencyKey: `purser-${id}`,
    providerPaymentId: null,
    providerRequest: paymentMethodId ? { paymentMethodId, returnUrl } : {},
    checks: 0,
    ...changes,
  });
}

function known(payment: Payment, report: ProviderReport): KnownPayment {
  const providerPaymentId = 'providerPaymentId' in report ? report.providerPaymentId : null;
  if (!providerPaymentId) throw new Error(`no intent was named: ${report.status}`);
  return Object.assign(payment, { providerPaymentId });
}

describe(`cards at ${TEST_KEY === '' ? 'the sandbox' : "Stripe's test mode"}`, () => {
  it('are charged at once, once, and found again by whoever has lost the answer', async () => {
    const payment = aCardPayment('pm_card_visa');
    const asked = new Date();
    const first = await cards.charge(payment);
    const again = await cards.charge(payment);
    const whole = { status: 'succeeded', amount: 2_500, currency: 'EUR', chargeId: expect.any(String) as string };
    expect(first).toMatchObject(whole);
    expect(again).toMatchObject({ ...whole, providerPaymentId: known(payment, first).providerPaymentId });

    expect(await cards.retrieve(known(payment, first))).toMatchObject(whole);
    const named = await cards.retrieveIntent(known(payment, first).providerPaymentId);
    expect(named).toMatchObject({ paymentId: payment.id, report: whole });
    const anHourAgo = new Date(asked.getTime() - 3_600_000);
    expect(await cards.find(payment, anHourAgo)).toMatchObject({ found: whole });
    expect(await cards.find(aCardPayment(), anHourAgo)).toEqual({ found: null });
  });

  it('take the same key for another amount as a question, not as a verdict', async () => {
    const payment = aCardPayment('pm_card_visa');
    await cards.charge(payment);
    const other = await cards.charge(Object.assign(payment, { amount: 2_600 }));
    expect(other).toMatchObject({ status: 'unknown', alarm: 'stripe-idempotency-error' });
  });

  it.each([
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', undefined],
  ])('are refused with a reason, and the intent is known: %s', async (card, code, declineCode) => {
    const payment = aCardPayment(card);
    const refused = await cards.charge(payment);
    const failure = { kind: 'card', code, ...(declineCode ? { declineCode } : {}) };
    expect(refused).toMatchObject({ status: 'failed', failure });
    expect(await cards.retrieve(known(payment, refused))).toMatchObject({ status: 'failed', failure });
    expect(await cards.cancel(known(payment, refused))).toMatchObject({ status: 'cancelled' });
  });

  it('are refused as a request where they are none', async () => {
    const refused = await cards.charge(aCardPayment('pm_card_of_nobody'));
    expect(refused).toMatchObject({ status: 'failed', failure: { kind: 'request', code: 'resource_missing' } });
  });

  it('send the customer to the bank where that asks', async () => {
    const payment = aCardPayment('pm_card_authenticationRequired');
    const asks = await cards.charge(payment);
    const nextAction = { type: 'redirect', url: expect.stringMatching(/^https?:/) as string };
    expect(asks).toMatchObject({ status: 'requires_action', nextAction });
    expect(await cards.cancel(known(payment, asks))).toMatchObject({ status: 'cancelled' });
    expect(await cards.retrieve(known(payment, asks))).toMatchObject({ status: 'cancelled' });
  });

  it('wait for Stripe.js without a payment method', async () => {
    const payment = aCardPayment();
    const open = await cards.charge(payment);
    const nextAction = { type: 'confirm', clientSecret: expect.stringMatching(/_secret_/) as string };
    expect(open).toMatchObject({ status: 'requires_action', nextAction });
    const { providerPaymentId } = known(payment, open);
    await stripe.paymentIntents.confirm(providerPaymentId, { payment_method: 'pm_card_visa' });
    expect(await cards.cancel(known(payment, open))).toMatchObject({ status: 'succeeded', amount: 2_500 });
  });

  it('are reserved, and captured in part, once', async () => {
    const payment = aCardPayment('pm_card_visa', { captureMethod: 'manual' });
    const reserved = await cards.charge(payment);
    expect(reserved).toMatchObject({ status: 'authorized', amount: 2_500 });
    const captureRequest = { amount: 1_000, idempotencyKey: `capture-${payment.id}` };
    const asked = Object.assign(known(payment, reserved), { captureRequest });
    expect(await cards.capture(asked)).toMatchObject({ status: 'succeeded', amount: 1_000 });
    expect(await cards.capture(Object.assign(asked, { checks: 1 }))).toMatchObject({
      status: 'succeeded',
      amount: 1_000,
    });
  });

  it('are let go of when what was reserved is not wanted', async () => {
    const payment = aCardPayment('pm_card_visa', { captureMethod: 'manual' });
    const reserved = await cards.charge(payment);
    expect(await cards.cancel(known(payment, reserved))).toMatchObject({ status: 'cancelled', currency: 'EUR' });
  });

  it('are counted as Stripe counts where a currency has no cents', async () => {
    const payment = aCardPayment('pm_card_visa', { amount: 900, currency: 'JPY' });
    const report = await cards.charge(payment);
    expect(report).toMatchObject({ status: 'succeeded', amount: 900, currency: 'JPY' });
    const { amount } = await stripe.paymentIntents.retrieve(known(payment, report).providerPaymentId);
    expect(amount).toBe(900);
  });

  it('answer nothing about an intent that nobody has', async () => {
    const { report, paymentId } = await cards.retrieveIntent('pi_3nobody');
    expect([report.status, paymentId]).toEqual(['unknown', undefined]);
  });
});
