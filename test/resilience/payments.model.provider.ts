import {
  type Intent,
  isPayable,
  type MadeRefund,
  ownIdOf,
  refundViewOf,
  type View,
  viewOf,
  type Word,
  wordOf,
} from './payments.model.objects.js';
import { type Answer, type Call, Wire } from './payments.model.wire.js';

type Kind = 'payment' | 'refund';

/** What a webhook names. */
export interface Hint {
  readonly kind: Kind;
  readonly id: string;
}

/** Stripe's payment intents and refunds in memory, behind the HTTP client of Stripe's own SDK. */
export class MemoryStripe extends Wire {
  readonly intents = new Map<string, Intent>();
  readonly refunds = new Map<string, MadeRefund>();
  /** Not delivered yet, in the order of what happened. */
  webhooks: Hint[] = [];
  private readonly told = new Map<string, Set<Word>>();
  private readonly disclosed = new Set<string>();
  private readonly lists: { readonly of: Kind; readonly words: ReadonlyMap<string, Word> }[] = [];

  /** The customer, at Stripe.js or at their bank: with an intent that is still payable. */
  customer(intent: Intent, word: 'pays' | 'is refused'): void {
    if (!isPayable(intent)) return;
    intent.isDeclined = word === 'is refused';
    if (intent.isDeclined) this.move(intent, 'requires_payment_method');
    else this.pay(intent);
  }

  /** Days went by, and nobody captured what was reserved. */
  lapse(intent: Intent): void {
    if (intent.status === 'requires_capture') this.move(intent, 'canceled');
  }

  /** The customer's bank sends the money back. */
  bounce(refund: MadeRefund): void {
    refund.status = 'failed';
    this.webhooks.push({ kind: 'refund', id: refund.id });
  }

  payable(): Intent[] {
    return [...this.intents.values()].filter(isPayable);
  }

  reserved(): Intent[] {
    return [...this.intents.values()].filter(({ status }) => status === 'requires_capture');
  }

  /** Whether the shop was answered about this one, so that its secret can have come to a customer. Lists are for recovery alone. */
  isDisclosed({ paymentId }: Intent): boolean {
    return this.disclosed.has(paymentId);
  }

  returned(): MadeRefund[] {
    return [...this.refunds.values()].filter(({ status }) => status === 'succeeded');
  }

  /** Whether an answer that reached the shop says so. A complete list without it says that it failed. */
  hasTold(kind: Kind, id: string, word: Word): boolean {
    if (this.hasAnswered(id, word)) return true;
    // Of one that a list does not hold, it says so.
    const said = this.lists.filter(({ of }) => of === kind).map(({ words }) => words.get(id) ?? 'failed');
    return said.includes(word);
  }

  /** The same, and to somebody who asked about this one: in a list it stands beside the payment that was looked for. */
  hasAnswered(id: string, word: Word): boolean {
    return this.told.get(id)?.has(word) ?? false;
  }

  override age(seconds: number): void {
    super.age(seconds);
    for (const intent of this.intents.values()) intent.created -= seconds;
  }

  protected answerTo(call: Call): Answer {
    const { method, path, parameters } = call;
    const [, collection, id, verb] = /^\/v1\/(\w+)(?:\/(\w+))?(?:\/(\w+))?$/.exec(path) ?? [];
    if (collection === 'refunds') return this.answerAboutRefund(method, id, parameters);
    if (id === undefined) return method === 'GET' ? this.list(this.fromOf(call)) : this.create(parameters);
    const intent = this.intents.get(id);
    if (!intent) return refusal(404, 'resource_missing');
    if (verb === undefined) return { status: 200, body: viewOf(intent) };
    const isReserved = intent.status === 'requires_capture';
    if (verb === 'cancel' && (isPayable(intent) || isReserved)) this.move(intent, 'canceled');
    else if (verb === 'capture' && isReserved) this.capture(intent, Number(parameters.get('amount_to_capture')));
    else return refusal(400, 'payment_intent_unexpected_state');
    return { status: 200, body: viewOf(intent) };
  }

  protected remember({ method, path, parameters, lookedFor }: Call, { body }: Answer): void {
    const of = path.startsWith('/v1/refunds') ? 'refund' : 'payment';
    if ('data' in body) {
      const views = body.data as View[];
      const words = new Map(views.map((view) => [ownIdOf(view), wordOf(view)]));
      this.lists.push({ of, words });
      const found = words.get(lookedFor ?? '');
      if (lookedFor && found) this.tell(lookedFor, found);
    } else if ('error' in body) {
      const { payment_intent: view } = body.error as { payment_intent?: View };
      if (view) this.disclose(view);
      if (of === 'refund' && method === 'POST') this.tell(parameters.get('metadata[refund_id]') ?? '', 'failed');
    } else this.disclose(body as View);
  }

  private create(parameters: URLSearchParams): Answer {
    const intent: Intent = {
      id: newId('pi'),
      paymentId: parameters.get('metadata[payment_id]') ?? '',
      orderId: parameters.get('metadata[order_id]') ?? '',
      amount: Number(parameters.get('amount')),
      currency: parameters.get('currency') ?? '',
      isManual: parameters.get('capture_method') === 'manual',
      created: Math.floor(Date.now() / 1_000),
      status: 'requires_payment_method',
      captured: 0,
      isDeclined: false,
    };
    this.intents.set(intent.id, intent);
    const card = parameters.get('payment_method');
    if (card === 'pm_card_visa') this.pay(intent);
    if (card === 'pm_card_authenticationRequired') this.move(intent, 'requires_action');
    if (card !== 'pm_card_chargeDeclined') return { status: 200, body: viewOf(intent) };
    intent.isDeclined = true;
    this.move(intent, 'requires_payment_method');
    return refusal(402, 'card_declined', { type: 'card_error', payment_intent: viewOf(intent) });
  }

  private list(from: number): Answer {
    return listOf([...this.intents.values()].filter(({ created }) => created >= from).map(viewOf));
  }

  private answerAboutRefund(method: string, id: string | undefined, parameters: URLSearchParams): Answer {
    if (id !== undefined) {
      const refund = this.refunds.get(id);
      return refund ? { status: 200, body: refundViewOf(refund) } : refusal(404, 'resource_missing');
    }
    const intent = this.intents.get(parameters.get('payment_intent') ?? '');
    const made = [...this.refunds.values()].filter((refund) => refund.intent === intent);
    if (method === 'GET') return listOf(made.map(refundViewOf));
    const gone = made.filter(({ status }) => status === 'succeeded').reduce((sum, { amount }) => sum + amount, 0);
    const amount = Number(parameters.get('amount'));
    if (intent?.status !== 'succeeded' || amount > intent.captured - gone)
      return refusal(400, 'charge_already_refunded');
    const refundId = parameters.get('metadata[refund_id]') ?? '';
    const refund: MadeRefund = { id: newId('re'), refundId, intent, amount, status: 'succeeded' };
    this.refunds.set(refund.id, refund);
    this.webhooks.push({ kind: 'refund', id: refund.id });
    return { status: 200, body: refundViewOf(refund) };
  }

  private pay(intent: Intent): void {
    if (intent.isManual) this.move(intent, 'requires_capture');
    else this.capture(intent, intent.amount);
  }

  private capture(intent: Intent, amount: number): void {
    if (!(amount > 0 && amount <= intent.amount)) throw new Error(`${amount} of ${intent.amount} cannot be captured`);
    intent.captured = amount;
    this.move(intent, 'succeeded');
  }

  private move(intent: Intent, status: Intent['status']): void {
    intent.status = status;
    this.webhooks.push({ kind: 'payment', id: intent.id });
  }

  /** Tells the shop about one object, its secret included. */
  private disclose(view: View): void {
    this.tell(ownIdOf(view), wordOf(view));
    this.disclosed.add(ownIdOf(view));
  }

  private tell(id: string, word: Word): void {
    this.told.set(id, (this.told.get(id) ?? new Set()).add(word));
  }
}

function newId(prefix: string): string {
  return `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`;
}

function listOf(data: readonly View[]): Answer {
  return { status: 200, body: { object: 'list', has_more: false, data } };
}

function refusal(status: number, code: string, more: object = {}): Answer {
  return { status, body: { error: { type: 'invalid_request_error', code, message: code, ...more } } };
}
