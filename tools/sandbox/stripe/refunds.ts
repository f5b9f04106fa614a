import { plan } from '../core/agenda.js';
import type { Outcome } from '../core/journal.js';
import type { JsonObject } from '../core/json.js';
import { newId } from '../core/random.js';
import type { Charge, Metadata, Refund } from '../core/records.js';
import { spoken } from './amounts.js';
import type { Call } from './call.js';
import { cardOf, refundView } from './views/charge.view.js';
import { type Scene, emitCharge, emitRefund } from './events.js';
import { type StripeFailure, impossible, noSuch, noSuchParameter, refusedParameter } from './failures.js';
import { type Rules, changedMetadata, check, positive, text } from './parameters.js';
import { book } from './payments.js';

export const REFUND_ENDS = 'refunds.settle';

const CREATE: Rules = {
  amount: 'integer',
  charge: 'string',
  currency: 'string',
  customer: 'string',
  expand: 'list',
  instructions_email: 'string',
  metadata: 'metadata',
  origin: ['customer_balance'],
  payment_intent: 'string',
  reason: ['duplicate', 'fraudulent', 'requested_by_customer'],
  refund_application_fee: 'boolean',
  reverse_transfer: 'boolean',
};

export function createRefund(call: Call): JsonObject {
  check(call.form, CREATE);
  const charge = refundedCharge(call);
  const amount = positive(call.form, 'amount');
  const metadata = changedMetadata({}, call.form);
  return refundView(refund(call, charge, { amount, reason: text(call.form, 'reason'), metadata }));
}

function refundedCharge(call: Call): Charge {
  const { form, unit } = call;
  const named = text(form, 'charge');
  const intentId = text(form, 'payment_intent');
  if (named === null && intentId === null) {
    const message = 'One of the following params should be provided for this request: payment_intent or charge.';
    throw refusedParameter('payment_intent', 'parameter_missing', message);
  }
  const intent = intentId === null ? null : unit.get('intents', intentId);
  if (intent === undefined) throw noSuchParameter('payment_intent', intentId ?? '', 'payment_intent');
  const chargeId = named ?? intent?.charge ?? '';
  const charge = unit.get('charges', chargeId);
  if (!charge && named !== null) throw noSuchParameter('charge', named, 'charge');
  if (charge?.captured) return charge;
  throw impossible(
    `This PaymentIntent (${intentId ?? charge?.intent}) does not have a successful charge to refund.`,
    null,
  );
}

export interface RefundOrder {
  /** Minor units; `null` is all that is left. */
  amount: number | null;
  reason: string | null;
  metadata: Metadata;
  /** The operation's name in the journal, where it is not `refunds.create`. */
  op?: string;
}

/** Gives money back, by the API or from the dashboard. Never more than was captured and not yet given back. */
export function refund(scene: Scene, charge: Charge, order: RefundOrder): Refund {
  const { unit, world } = scene;
  const amount = refundable(scene, charge, order.amount);
  const { behaviour } = cardOf(charge.card);
  const isPending = behaviour.on === 'succeed' && behaviour.then === 'refund_pending';
  const isDoomed = behaviour.on === 'succeed' && behaviour.then === 'refund_fails';
  const id = newId('re_3');
  const transaction = bookRefund(scene, { ...charge, id }, -amount);
  const made = unit.put('refunds', {
    id,
    created: world.clock.seconds,
    charge: charge.id,
    intent: charge.intent,
    amount,
    currency: charge.currency,
    status: isPending ? 'pending' : 'succeeded',
    reason: order.reason,
    metadata: order.metadata,
    paymentMethod: charge.paymentMethod,
    transaction,
    failureReason: null,
    failureTransaction: null,
  });
  const given = unit.put('charges', { ...charge, amountRefunded: charge.amountRefunded + amount });
  emitRefund(scene, 'created', made);
  emitCharge(scene, 'refunded', given);
  noteRefund(scene, made, { outcome: 'refunded', op: order.op });
  if (isPending || isDoomed) plan(world, unit, { kind: REFUND_ENDS, object: id });
  return made;
}

function refundable(scene: Scene, charge: Charge, wanted: number | null): number {
  const left = charge.amountCaptured - charge.amountRefunded;
  const dispute = charge.dispute === null ? undefined : scene.unit.get('disputes', charge.dispute);
  if (dispute && !dispute.status.startsWith('warning') && dispute.status !== 'won') {
    throw impossible(`Charge ${charge.id} has been charged back; cannot issue a refund.`, 'charge_disputed');
  }
  if (left <= 0) throw impossible(`Charge ${charge.id} has already been refunded.`, 'charge_already_refunded');
  const amount = wanted ?? left;
  if (amount <= left) return amount;
  const { currency } = charge;
  throw impossible(
    `Refund amount (${spoken(amount, currency)}) is greater than unrefunded amount on charge (${spoken(left, currency)})`,
    null,
    'amount',
  );
}

/** What a pending or doomed refund comes to in the end. */
export function endRefund(scene: Scene, refundId: string): void {
  const pending = scene.unit.get('refunds', refundId);
  if (!pending || pending.status === 'failed' || pending.status === 'canceled') return;
  if (pending.status === 'pending') {
    emitRefund(scene, 'updated', scene.unit.put('refunds', { ...pending, status: 'succeeded' }));
    noteRefund(scene, pending, { outcome: 'none' });
    return;
  }
  const failed = takeBack(scene, { ...pending, status: 'failed', failureReason: 'expired_or_canceled_card' });
  emitRefund(scene, 'failed', failed);
}

export function cancelRefund(call: Call): JsonObject | StripeFailure {
  check(call.form, { expand: 'list' });
  const pending = call.unit.get('refunds', call.id);
  if (!pending) throw noSuch('refund', call.id, 'id');
  if (pending.status !== 'pending') {
    throw impossible(`You cannot cancel this refund because it has a status of ${pending.status}.`, null);
  }
  const canceled = takeBack(call, { ...pending, status: 'canceled' });
  emitRefund(call, 'updated', canceled);
  return refundView(canceled);
}

export function updateRefund(call: Call): JsonObject {
  check(call.form, { expand: 'list', metadata: 'metadata' });
  const before = call.unit.get('refunds', call.id);
  if (!before) throw noSuch('refund', call.id, 'id');
  const metadata = changedMetadata(before.metadata, call.form);
  return refundView(call.unit.put('refunds', { ...before, metadata }));
}

/** The money comes back to the account, and the charge may be refunded again. */
function takeBack(scene: Scene, ended: Refund): Refund {
  const { unit } = scene;
  const failureTransaction = bookRefund(scene, ended, ended.amount);
  const stored = unit.put('refunds', { ...ended, failureTransaction });
  const charge = unit.get('charges', ended.charge);
  if (charge) unit.put('charges', { ...charge, amountRefunded: charge.amountRefunded - ended.amount });
  noteRefund(scene, stored, { outcome: 'refund_failed' });
  return stored;
}

function bookRefund(scene: Scene, { id: source, currency }: { id: string; currency: string }, amount: number): string {
  const kind = amount < 0 ? 'refund' : 'refund_failure';
  return book(scene, { type: kind, category: kind, amount, fee: 0, currency, source });
}

function noteRefund(
  scene: Scene,
  refund: Refund,
  { outcome, op }: { outcome: Outcome; op?: string | undefined },
): void {
  scene.unit.note({
    object: refund.id,
    amount: refund.amount,
    currency: refund.currency.toUpperCase(),
    metadata: refund.metadata,
    outcome,
    ...(op === undefined ? {} : { op }),
  });
}
