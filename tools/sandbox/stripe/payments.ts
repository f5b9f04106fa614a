import { plan } from '../core/agenda.js';
import type { Outcome } from '../core/journal.js';
import { newId } from '../core/random.js';
import type { Charge, Intent, LastError, Refusal } from '../core/records.js';
import { fee } from './amounts.js';
import { AUTHENTICATION_FAILED, AUTHENTICATION_REQUIRED } from './cards.js';
import { cardOf } from './views/charge.view.js';
import { type Scene, emitCharge, emitIntent } from './events.js';

export const BANK_DEBIT_ENDS = 'payment_intents.settle';
export const DISPUTE_ARRIVES = 'charges.dispute';

export interface Attempt {
  isOffSession: boolean;
  failsOnAction: boolean;
}

/** The intent with a payment method on it, as every step below needs it. */
export type Payable = Intent & { card: string; paymentMethod: string };

export function isPayable(intent: Intent): intent is Payable {
  return intent.card !== null && intent.paymentMethod !== null;
}

/** Does with the card what its name says. A refusal is an outcome: the intent carries it as its last error. */
export function pay(scene: Scene, intent: Payable, attempt: Attempt): Intent {
  const { behaviour } = cardOf(intent.card);
  switch (behaviour.on) {
    case 'succeed':
      return approve(scene, intent);
    case 'decline':
      return decline(scene, intent, behaviour.refusal);
    case 'process':
      return begin(scene, intent);
    case 'authenticate':
      if (attempt.isOffSession || attempt.failsOnAction) return decline(scene, intent, AUTHENTICATION_REQUIRED);
      return ask(scene, intent);
  }
}

/** The customer has answered the bank's question. */
export function authenticate(scene: Scene, intent: Payable, isSuccess: boolean): Intent {
  const { behaviour } = cardOf(intent.card);
  if (!isSuccess) return decline(scene, intent, AUTHENTICATION_FAILED);
  if (behaviour.on === 'authenticate' && behaviour.refusal) return decline(scene, intent, behaviour.refusal);
  return approve(scene, intent);
}

/** A bank debit ends days after it began; here when the agenda says so. */
export function endBankDebit(scene: Scene, intent: Payable): Intent {
  const { behaviour } = cardOf(intent.card);
  const refusal = behaviour.on === 'process' ? behaviour.refusal : null;
  return refusal ? decline(scene, intent, refusal) : approve(scene, intent);
}

function ask(scene: Scene, intent: Payable): Intent {
  const asked = scene.unit.put('intents', { ...intent, status: 'requires_action', lastError: null });
  emitIntent(scene, 'requires_action', asked);
  noteIntent(scene, asked, 'requires_action');
  return asked;
}

function begin(scene: Scene, intent: Payable): Intent {
  const begun = scene.unit.put('intents', { ...intent, status: 'processing', lastError: null });
  emitIntent(scene, 'processing', begun);
  plan(scene.world, scene.unit, { kind: BANK_DEBIT_ENDS, object: intent.id });
  noteIntent(scene, begun, 'none');
  return begun;
}

function approve(scene: Scene, intent: Payable): Intent {
  const isManual = intent.captureMethod === 'manual';
  const charge = newCharge(scene, intent);
  const paid: Charge = isManual
    ? charge
    : {
        ...charge,
        captured: true,
        amountCaptured: intent.amount,
        transaction: bookCharge(scene, charge, intent.amount),
      };
  scene.unit.put('charges', paid);
  const done = scene.unit.put('intents', {
    ...intent,
    status: isManual ? 'requires_capture' : 'succeeded',
    charge: paid.id,
    lastError: null,
    capturable: isManual ? intent.amount : 0,
    received: isManual ? 0 : intent.amount,
  });
  emitCharge(scene, 'succeeded', paid);
  emitIntent(scene, isManual ? 'amount_capturable_updated' : 'succeeded', done);
  noteIntent(scene, done, isManual ? 'authorized' : 'captured');
  if (!isManual) planAftermath(scene, paid);
  return done;
}

export function planAftermath(scene: Scene, charge: Charge): void {
  const { behaviour } = cardOf(charge.card);
  const then = behaviour.on === 'succeed' ? behaviour.then : undefined;
  const isDisputed = then === 'dispute' || then === 'dispute_not_received' || then === 'inquiry';
  if (isDisputed) plan(scene.world, scene.unit, { kind: DISPUTE_ARRIVES, object: charge.id });
}

function decline(scene: Scene, intent: Payable, refusal: Refusal): Intent {
  const hasCharge = refusal.type === 'card_error';
  const charge = hasCharge ? newCharge(scene, intent) : null;
  const failed: Charge | null = charge && { ...charge, status: 'failed', refusal };
  if (failed) scene.unit.put('charges', failed);
  const { card, paymentMethod } = intent;
  const lastError: LastError = { ...refusal, charge: failed?.id ?? null, paymentMethod, card };
  const refused = scene.unit.put('intents', {
    ...intent,
    status: 'requires_payment_method',
    card: null,
    paymentMethod: null,
    charge: failed?.id ?? intent.charge,
    lastError,
  });
  if (failed) emitCharge(scene, 'failed', failed);
  emitIntent(scene, 'payment_failed', refused);
  noteIntent(scene, refused, 'declined');
  return refused;
}

function newCharge(scene: Scene, intent: Payable): Charge {
  return {
    id: newId('ch_3'),
    created: scene.world.clock.seconds,
    intent: intent.id,
    amount: intent.amount,
    captured: false,
    amountCaptured: 0,
    amountRefunded: 0,
    currency: intent.currency,
    status: 'succeeded',
    card: intent.card,
    paymentMethod: intent.paymentMethod,
    metadata: intent.metadata,
    description: intent.description,
    receiptEmail: intent.receiptEmail,
    statementSuffix: intent.statementSuffix,
    transferGroup: intent.transferGroup,
    customer: intent.customer,
    shipping: intent.shipping,
    refusal: null,
    transaction: null,
    dispute: null,
  };
}

/** Books what comes in, less the provider's fee, and answers the balance transaction's id. */
export function bookCharge(scene: Scene, charge: Charge, amount: number): string {
  const { currency, id: source } = charge;
  const cost = fee(amount, currency);
  return book(scene, { type: 'charge', category: 'charge', amount, fee: cost, currency, source });
}

export interface Booking {
  type: string;
  category: string;
  amount: number;
  fee: number;
  currency: string;
  source: string;
}

export function book(scene: Scene, booking: Booking): string {
  const row = { id: newId('txn_3'), created: scene.world.clock.seconds, ...booking };
  return scene.unit.put('transactions', row).id;
}

/** `effect` is what happened to the money: an outcome of the whole amount, or of the part that is named. */
export function noteIntent(scene: Scene, intent: Intent, effect: Outcome | { outcome: Outcome; amount: number }): void {
  const { outcome, amount } = typeof effect === 'string' ? { outcome: effect, amount: intent.amount } : effect;
  scene.unit.note({
    object: intent.id,
    amount,
    currency: intent.currency.toUpperCase(),
    metadata: intent.metadata,
    outcome,
  });
}
