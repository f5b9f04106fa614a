import { type Answer, type Call, Wire } from './payments.model.wire.js';

/** What an answer told the shop about a payment or a refund, in the shop's own words. */
export type Word = 'succeeded' | 'cancelled' | 'requires_action' | 'failed';

type Kind = 'payment' | 'refund';

/** The life is Stripe's. */
export interface Intent {
  readonly id: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
  /** Seconds, by the provider's clock. */
  created: number;
  status: 'requires_payment_method' | 'requires_action' | 'succeeded' | 'canceled';
  isDeclined: boolean;
}

export interface MadeRefund {
  readonly id: string;
  readonly refundId: string;
  readonly intent: Intent;
  readonly amount: number;
  status: 'succeeded' | 'failed';
}

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
  private readonly lists: { readonly of: Kind; readonly ids: ReadonlySet<string> }[] = [];

  /** The customer, at Stripe.js or at their bank: with an intent that is still payable. */
  customer(intent: Intent, word: 'pays' | 'is refused'): void {
    if (!isPayable(intent)) return;
    intent.isDeclined = word === 'is refused';
    this.move(intent, intent.isDeclined ? 'requires_payment_method' : 'succeeded');
  }

  /** The customer's bank sends the money back. */
  bounce(refund: MadeRefund): void {
    refund.status = 'failed';
    this.webhooks.push({ kind: 'refund', id: refund.id });
  }

  payable(): Intent[] {
    return [...this.intents.values()].filter(isPayable);
  }

  /** Those whose secret can have come to a customer: the shop was answered about this one. Lists are for recovery alone. */
  payableByCustomer(): Intent[] {
    return this.payable().filter(({ paymentId }) => this.disclosed.has(paymentId));
  }

  returned(): MadeRefund[] {
    return [...this.refunds.values()].filter(({ status }) => status === 'succeeded');
  }

  /** Whether an answer that reached the shop says so. A complete list without it says that it failed. */
  hasTold(kind: Kind, id: string, word: Word): boolean {
    if (word === 'failed' && this.lists.some(({ of, ids }) => of === kind && !ids.has(id))) return true;
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
    if (verb !== 'cancel') throw new Error(`this provider cannot ${verb}`);
    if (!isPayable(intent)) return refusal(400, 'payment_intent_unexpected_state');
    this.move(intent, 'canceled');
    return { status: 200, body: viewOf(intent) };
  }

  protected remember({ method, path, parameters }: Call, { body }: Answer): void {
    const of = path.startsWith('/v1/refunds') ? 'refund' : 'payment';
    if ('data' in body) {
      const views = body.data as View[];
      this.lists.push({ of, ids: new Set(views.map(ownIdOf)) });
      views.forEach((view) => this.tell(ownIdOf(view), wordOf(view)));
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
      created: Math.floor(Date.now() / 1_000),
      status: 'requires_payment_method',
      isDeclined: false,
    };
    this.intents.set(intent.id, intent);
    const card = parameters.get('payment_method');
    if (card === 'pm_card_visa') this.move(intent, 'succeeded');
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
    if (intent?.status !== 'succeeded' || amount > intent.amount - gone) return refusal(400, 'charge_already_refunded');
    const refundId = parameters.get('metadata[refund_id]') ?? '';
    const refund: MadeRefund = { id: newId('re'), refundId, intent, amount, status: 'succeeded' };
    this.refunds.set(refund.id, refund);
    this.webhooks.push({ kind: 'refund', id: refund.id });
    return { status: 200, body: refundViewOf(refund) };
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

type View = ReturnType<typeof viewOf> | ReturnType<typeof refundViewOf>;

function ownIdOf(view: View): string {
  return view.object === 'refund' ? view.metadata.refund_id : view.metadata.payment_id;
}

function wordOf(view: View): Word {
  if (view.object === 'refund') return view.status;
  if (view.status === 'succeeded') return 'succeeded';
  if (view.status === 'canceled') return 'cancelled';
  return view.last_payment_error && view.status === 'requires_payment_method' ? 'failed' : 'requires_action';
}

function isPayable({ status }: Intent): boolean {
  return status === 'requires_payment_method' || status === 'requires_action';
}

function newId(prefix: string): string {
  return `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`;
}

function viewOf({ id, paymentId, orderId, amount, currency, created, status, isDeclined }: Intent) {
  return {
    id,
    object: 'payment_intent' as const,
    amount,
    amount_received: status === 'succeeded' ? amount : 0,
    currency,
    created,
    status,
    client_secret: `${id}_secret`,
    latest_charge: status === 'succeeded' ? `ch_${id}` : null,
    last_payment_error: isDeclined ? { type: 'card_error', code: 'card_declined', message: 'declined' } : null,
    metadata: { payment_id: paymentId, order_id: orderId },
    next_action: null,
  };
}

function refundViewOf({ id, refundId, intent, amount, status }: MadeRefund) {
  return {
    id,
    object: 'refund' as const,
    amount,
    currency: intent.currency,
    payment_intent: intent.id,
    charge: `ch_${intent.id}`,
    balance_transaction: `txn_${id}`,
    status,
    failure_reason: status === 'failed' ? 'expired_or_canceled_card' : null,
    metadata: { refund_id: refundId },
  };
}

function listOf(data: readonly View[]): Answer {
  return { status: 200, body: { object: 'list', has_more: false, data } };
}

function refusal(status: number, code: string, more: object = {}): Answer {
  return { status, body: { error: { type: 'invalid_request_error', code, message: code, ...more } } };
}
