import type { JsonObject } from '../core/json.js';
import { type Asking, textOf } from './asking.js';

const BACK = 'https://shop.example/back';

const PAYMENT = {
  amount: 2_500,
  currency: 'eur',
  payment_method: 'pm_card_visa',
  confirm: true,
  return_url: BACK,
  'metadata[payment_id]': 'p-1',
};

/** Everything that can happen to the objects of a shop, so that each answer in each state is seen. */
export async function tellStories(asking: Asking): Promise<void> {
  await payments(asking);
  await authentication(asking);
  await reservations(asking);
  await bankDebits(asking);
  await refunds(asking);
  await disputes(asking);
  await refusals(asking);
  await troubles(asking);
  await lists(asking);
}

async function payments(asking: Asking): Promise<void> {
  const paid = await asking.post('payment_intents', { ...PAYMENT, 'expand[]': 'latest_charge' });
  await asking.get(`payment_intents/${id(paid)}`, { 'expand[]': 'latest_charge.balance_transaction' });
  const open = await asking.post('payment_intents', { amount: 900, currency: 'jpy' });
  await asking.post(`payment_intents/${id(open)}`, { description: 'one thing', 'metadata[a]': 'b' });
  await asking.post(`payment_intents/${id(open)}/confirm`, { payment_method: 'pm_card_amex', return_url: BACK });
  const waiting = await asking.post('payment_intents', {
    amount: 700,
    currency: 'usd',
    payment_method: 'pm_card_visa',
  });
  await asking.post(`payment_intents/${id(waiting)}/cancel`, { cancellation_reason: 'abandoned' });
  const declined = await asking.post('payment_intents', { ...PAYMENT, payment_method: 'pm_card_chargeDeclined' });
  const { payment_intent: intent } = declined['error'] as JsonObject;
  await asking.get(`payment_intents/${id(intent as JsonObject)}`);
  await asking.get(`charges/${chargeOf(intent as JsonObject)}`);
}

async function authentication(asking: Asking): Promise<void> {
  const asks = { ...PAYMENT, payment_method: 'pm_card_authenticationRequired' };
  for (const succeed of [true, false]) {
    const intent = await asking.post('payment_intents', asks);
    await asking.door('POST', `payment-intents/${id(intent)}/authenticate`, { succeed });
    await asking.get(`payment_intents/${id(intent)}`);
  }
  const inPage = { amount: 2_500, currency: 'eur', confirm: true, use_stripe_sdk: true };
  await asking.post('payment_intents', { ...inPage, payment_method: asks.payment_method });
}

async function reservations(asking: Asking): Promise<void> {
  const manual = { ...PAYMENT, capture_method: 'manual' };
  const reserved = await asking.post('payment_intents', { ...manual, 'expand[]': 'latest_charge' });
  await asking.post(`payment_intents/${id(reserved)}/capture`, {
    amount_to_capture: 1_000,
    'expand[]': 'latest_charge',
  });
  const given = await asking.post('payment_intents', manual);
  await asking.post(`payment_intents/${id(given)}/cancel`, { 'expand[]': 'latest_charge' });
}

async function bankDebits(asking: Asking): Promise<void> {
  const debit = { amount: 5_000, currency: 'usd', 'allowed_payment_method_types[]': 'us_bank_account', confirm: true };
  for (const method of ['pm_usBankAccount_success', 'pm_usBankAccount_insufficientFunds']) {
    const intent = await asking.post('payment_intents', { ...debit, payment_method: method });
    await asking.until(
      () => asking.get(`payment_intents/${id(intent)}`),
      ({ status }) => status !== 'processing',
    );
  }
}

async function refunds(asking: Asking): Promise<void> {
  const paid = await asking.post('payment_intents', PAYMENT);
  const part = { payment_intent: id(paid), amount: 400, reason: 'requested_by_customer', 'metadata[refund_id]': 'r-1' };
  const refund = await asking.post('refunds', { ...part, 'expand[]': 'charge' });
  await asking.post(`refunds/${id(refund)}`, { 'metadata[note]': 'seen' });
  await asking.get(`refunds/${id(refund)}`);
  await asking.door('POST', `charges/${chargeOf(paid)}/refund`, { amount: 300 });
  await asking.get('refunds', { payment_intent: id(paid) });
  for (const [method, isCancelled] of [
    ['pm_card_pendingRefund', true],
    ['pm_card_pendingRefund', false],
    ['pm_card_refundFail', false],
  ] as const) {
    const intent = await asking.post('payment_intents', { ...PAYMENT, payment_method: method });
    const going = await asking.post('refunds', { payment_intent: id(intent) });
    if (isCancelled) id(await asking.post(`refunds/${id(going)}/cancel`));
    else if (method === 'pm_card_refundFail') {
      await asking.until(
        () => asking.get(`refunds/${id(going)}`),
        ({ status }) => status === 'failed',
      );
    }
  }
}

async function disputes(asking: Asking): Promise<void> {
  const cards = ['pm_card_createDispute', 'pm_card_createDisputeProductNotReceived', 'pm_card_createDisputeInquiry'];
  for (const [index, method] of cards.entries()) {
    const intent = await asking.post('payment_intents', { ...PAYMENT, payment_method: method });
    const ofIntent = () => asking.get('disputes', { payment_intent: id(intent) });
    const { data } = await asking.until(ofIntent, ({ data: found }) => Array.isArray(found) && found.length > 0);
    const [dispute] = data as [JsonObject];
    await asking.get(`disputes/${id(dispute)}`, { 'expand[]': 'charge' });
    if (index === 2) await asking.post(`disputes/${id(dispute)}/close`);
    else {
      const words = index === 0 ? 'winning_evidence' : 'losing_evidence';
      await asking.post(`disputes/${id(dispute)}`, { 'evidence[uncategorized_text]': words, submit: true });
    }
    await asking.get(`charges/${chargeOf(intent)}`, { 'expand[]': 'dispute' });
  }
}

/** What the caller did wrong. */
async function refusals(asking: Asking): Promise<void> {
  await asking.get('payment_intents/pi_of_nobody');
  await asking.post('payment_intents', { amount: -1, currency: 'eur' });
  await asking.post('payment_intents', { ...PAYMENT, colour: 'red' });
  await asking.post('payment_intents', { ...PAYMENT, currency: 'xxx' });
  const paid = await asking.post('payment_intents', PAYMENT);
  await asking.post(`payment_intents/${id(paid)}/cancel`);
  await asking.post('refunds', { payment_intent: id(paid), amount: 99_999 });
  await asking.post('payment_intents', PAYMENT, { 'idempotency-key': 'twice' });
  await asking.post('payment_intents', { ...PAYMENT, amount: 1_200 }, { 'idempotency-key': 'twice' });
  await asking.post('payment_intents', PAYMENT, { authorization: 'Bearer sk_of_nobody' });
}

/** What the sandbox was told to do wrong must be an error of Stripe's, too. */
async function troubles(asking: Asking): Promise<void> {
  for (const status of [401, 403, 409, 429, 500, 503]) {
    await asking.door('PUT', 'faults', [{ op: '*', effect: 'status', status, times: 1 }]);
    await asking.post('payment_intents', PAYMENT);
  }
  await asking.door('PUT', 'faults', [{ op: '*', effect: 'stored500', times: 1 }]);
  await asking.post('payment_intents', PAYMENT);
  await asking.door('DELETE', 'faults');
}

async function lists(asking: Asking): Promise<void> {
  for (const collection of ['payment_intents', 'charges', 'refunds', 'disputes', 'events', 'balance_transactions']) {
    const { data } = await asking.get(collection, { limit: 100 });
    const [newest] = data as JsonObject[];
    if (!newest) throw new Error(`there are no ${collection}`);
    await asking.get(`${collection}/${id(newest)}`);
  }
}

function chargeOf(intent: JsonObject): string {
  return textOf(intent['latest_charge']);
}

function id(object: JsonObject): string {
  if (typeof object['id'] !== 'string') throw new Error(`not what was asked for: ${JSON.stringify(object)}`);
  return object['id'];
}
