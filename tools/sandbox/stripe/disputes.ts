import type { JsonObject } from '../core/json.js';
import { newId } from '../core/random.js';
import type { Charge, Dispute } from '../core/records.js';
import type { Call } from './call.js';
import { cardOf, disputeView } from './views/charge.view.js';
import { type Scene, emit } from './events.js';
import { impossible, noSuch } from './failures.js';
import { isForm } from '../core/form.js';
import { changedMetadata, check, flag } from './parameters.js';
import { book } from './payments.js';

/** What a dispute costs, whoever wins: https://stripe.com/pricing */
const FEE = 1_500;

/** The customer's bank takes the money back until the dispute is decided; an inquiry only asks. */
export function dispute(scene: Scene, charge: Charge): Dispute {
  if (charge.dispute !== null) throw impossible(`Charge ${charge.id} is already disputed.`, null);
  const { behaviour } = cardOf(charge.card);
  const kind = behaviour.on === 'succeed' ? behaviour.then : undefined;
  const isInquiry = kind === 'inquiry';
  const id = newId('du_1');
  const taken = charge.amountCaptured - charge.amountRefunded;
  const opened: Dispute = {
    id,
    created: scene.world.clock.seconds,
    charge: charge.id,
    intent: charge.intent,
    amount: taken,
    currency: charge.currency,
    reason: kind === 'dispute_not_received' ? 'product_not_received' : 'fraudulent',
    status: isInquiry ? 'warning_needs_response' : 'needs_response',
    card: charge.card,
    evidence: null,
    metadata: {},
    transactions: isInquiry ? [] : [bookDispute(scene, { id, charge, amount: -taken })],
  };
  scene.unit.put('disputes', opened);
  scene.unit.put('charges', { ...charge, dispute: id });
  emitDispute(scene, 'created', opened);
  if (!isInquiry) emitDispute(scene, 'funds_withdrawn', opened);
  scene.unit.note({
    object: id,
    amount: isInquiry ? 0 : taken,
    currency: charge.currency.toUpperCase(),
    metadata: charge.metadata,
    outcome: 'disputed',
  });
  return opened;
}

/** Stripe's test mode decides by these words in `evidence[uncategorized_text]`. */
export function updateDispute(call: Call): JsonObject {
  check(call.form, { evidence: 'object', expand: 'list', metadata: 'metadata', submit: 'boolean' });
  const open = openDispute(call);
  const { evidence } = call.form;
  const words =
    isForm(evidence) && typeof evidence['uncategorized_text'] === 'string' ? evidence['uncategorized_text'] : null;
  const updated: Dispute = {
    ...open,
    evidence: words ?? open.evidence,
    metadata: changedMetadata(open.metadata, call.form),
  };
  const isSubmitted = call.form['submit'] === undefined ? words !== null : flag(call.form, 'submit');
  if (isSubmitted && words === 'winning_evidence') return showDispute(call, close(call, updated, 'won'));
  if (isSubmitted && words === 'losing_evidence') return showDispute(call, close(call, updated, 'lost'));
  return showDispute(call, call.unit.put('disputes', updated));
}

export function closeDispute(call: Call): JsonObject {
  check(call.form, { expand: 'list' });
  return showDispute(call, close(call, openDispute(call), 'lost'));
}

function openDispute(call: Call): Dispute {
  const open = call.unit.get('disputes', call.id);
  if (!open) throw noSuch('dispute', call.id, 'dispute');
  if (open.status === 'needs_response' || open.status === 'warning_needs_response') return open;
  throw impossible(`This dispute is already closed, with status ${open.status}.`, null);
}

function close(scene: Scene, open: Dispute, verdict: 'won' | 'lost'): Dispute {
  const charge = scene.unit.get('charges', open.charge);
  const isInquiry = open.status === 'warning_needs_response';
  const isReinstated = verdict === 'won' && !isInquiry && charge !== undefined;
  const back = isReinstated ? [bookDispute(scene, { id: open.id, charge, amount: open.amount })] : [];
  const closed = scene.unit.put('disputes', {
    ...open,
    status: isInquiry ? 'warning_closed' : verdict,
    transactions: [...open.transactions, ...back],
  });
  emitDispute(scene, 'closed', closed);
  if (isReinstated) emitDispute(scene, 'funds_reinstated', closed);
  scene.unit.note({
    op: isReinstated ? 'disputes.reinstate' : 'disputes.close',
    object: open.id,
    amount: isReinstated ? open.amount : 0,
    currency: open.currency.toUpperCase(),
    metadata: charge?.metadata ?? {},
    outcome: 'none',
  });
  return closed;
}

interface DisputeBooking {
  id: string;
  charge: Charge;
  amount: number;
}

function bookDispute(scene: Scene, { id: source, charge, amount }: DisputeBooking): string {
  const category = amount < 0 ? 'dispute' : 'dispute_reversal';
  const fee = amount < 0 ? FEE : 0;
  return book(scene, { type: 'adjustment', category, amount, fee, currency: charge.currency, source });
}

export function showDispute(scene: Scene, shown: Dispute): JsonObject {
  const transactions = shown.transactions.flatMap((id) => scene.unit.get('transactions', id) ?? []);
  return disputeView(shown, transactions);
}

function emitDispute(scene: Scene, type: string, shown: Dispute): void {
  emit(scene, `charge.dispute.${type}`, showDispute(scene, shown));
}
