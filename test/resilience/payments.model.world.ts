import { DomainError } from '../../src/shared/errors.js';
import { type Hint, MemoryStripe } from './payments.model.provider.js';
import type { ModelShop } from './payments.model.shop.js';

const ROUNDS_MAX = 20;
const ROUND_MINUTES = 11;

const LOOK = `SELECT o.status AS order, o.expires_at < now() AS "isOrderDue", coalesce((
    SELECT jsonb_agg(jsonb_build_object('id', p.id, 'status', p.status, 'captured', p.captured_amount, 'refunds', coalesce((
      SELECT jsonb_agg(jsonb_build_object('id', r.id, 'status', r.status, 'amount', r.amount) ORDER BY r.id)
        FROM refunds AS r WHERE r.payment_id = p.id), '[]')) ORDER BY p.id)
      FROM payments AS p WHERE p.order_id = o.id), '[]') AS payments,
    ARRAY(SELECT v.reason FROM reviews AS v JOIN payments AS p ON p.id = v.payment_id
      WHERE p.order_id = o.id AND v.resolved_at IS NULL ORDER BY v.reason) AS reviews
  FROM orders AS o WHERE o.id = $1`;

export interface SeenPayment {
  readonly id: string;
  readonly status: string;
  readonly captured: number;
  readonly refunds: readonly SeenRefund[];
}

export interface SeenRefund {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
}

/** What the model sees of the shop and of the provider between two steps; steps are chosen by it. */
export interface Sight {
  readonly order: 'pending' | 'completed' | 'cancelled';
  readonly isOrderDue: boolean;
  readonly payments: readonly SeenPayment[];
  /** What an operator has to look at, by its reason. */
  readonly reviews: readonly string[];
  /** Requests the provider has not seen, and requests somebody waits for. */
  readonly travelling: number;
  readonly awaited: number;
  readonly webhooks: number;
  readonly payable: number;
  readonly reserved: number;
  readonly returned: number;
  /** What has begun and waits for the provider. */
  readonly running: readonly string[];
  readonly minutes: number;
}

/**
 * One order, its payments and their provider. Between two calls of the provider the shop runs alone, so an
 * interleaving is an order of steps, and the same steps lead to the same end.
 */
export class World {
  readonly stripe = new MemoryStripe();
  /** What broke that is no answer of the domain's. */
  readonly broken: unknown[] = [];
  private readonly running = new Map<Promise<void>, string>();
  private busy = 0;
  private minutes = 0;
  private wake: () => void = () => undefined;

  private constructor(
    readonly shop: ModelShop,
    readonly order: { readonly id: string; readonly userId: string },
  ) {
    this.stripe.onArrival = () => this.lessBusy();
    this.stripe.onAnswer = () => this.busy++;
    shop.stripe = this.stripe;
  }

  static async create(shop: ModelShop): Promise<World> {
    return new World(shop, await shop.order());
  }

  /** Begins something, and returns when nothing moves any more: it is over, or waits for the provider. */
  async begin(name: string, work: () => Promise<unknown>): Promise<void> {
    this.busy++;
    const task = work()
      .then(
        () => undefined,
        (error: unknown) => void (error instanceof DomainError || this.broken.push(error)),
      )
      .finally(() => {
        this.running.delete(task);
        this.lessBusy();
      });
    this.running.set(task, name);
    await this.quiet();
  }

  async quiet(): Promise<void> {
    while (this.busy > 0) await new Promise<void>((resolve) => (this.wake = resolve));
  }

  /** A webhook is a hint that is repeated until it was taken. */
  async hearWebhook(hint: Hint): Promise<void> {
    const { intents, refunding } = this.shop;
    const ask = () =>
      hint.kind === 'payment' ? intents.settleIntent(hint.id) : refunding.lookup.settleRefund(hint.id);
    await this.begin('webhook', async () => {
      const isOurs = await ask().catch(() => {
        this.stripe.webhooks.push(hint);
        return true;
      });
      if (!isOurs) throw new Error(`${hint.id} was taken for none of ours`);
    });
  }

  /** Time passes: everything that was written down moves into the past. */
  async wait(minutes: number): Promise<void> {
    this.minutes += minutes;
    this.stripe.age(minutes * 60);
    const past = [this.order.id, minutes];
    await this.shop.db.query(
      `UPDATE orders SET created_at = created_at - $2 * interval '1 minute',
              expires_at = expires_at - $2 * interval '1 minute' WHERE id = $1`,
      past,
    );
    await this.shop.db.query(
      `UPDATE payments SET first_submitted_at = first_submitted_at - $2 * interval '1 minute',
              last_submitted_at = last_submitted_at - $2 * interval '1 minute',
              next_check_at = next_check_at - $2 * interval '1 minute',
              action_expires_at = action_expires_at - $2 * interval '1 minute' WHERE order_id = $1`,
      past,
    );
    await this.shop.db.query(
      `UPDATE refunds SET first_submitted_at = first_submitted_at - $2 * interval '1 minute',
              last_submitted_at = last_submitted_at - $2 * interval '1 minute',
              next_check_at = next_check_at - $2 * interval '1 minute'
        WHERE payment_id IN (SELECT id FROM payments WHERE order_id = $1)`,
      past,
    );
  }

  async look(): Promise<Sight> {
    const [seen] = await this.shop.db.query<Pick<Sight, 'order' | 'isOrderDue' | 'payments' | 'reviews'>>(LOOK, [
      this.order.id,
    ]);
    if (!seen) throw new Error('the order is gone');
    const { calls, webhooks } = this.stripe;
    return {
      ...seen,
      travelling: calls.filter(({ answer }) => answer === null).length,
      awaited: calls.filter(({ shop }) => shop !== null).length,
      webhooks: webhooks.length,
      payable: this.stripe.payable().length,
      reserved: this.stripe.reserved().length,
      returned: this.stripe.returned().length,
      running: [...this.running.values()],
      minutes: this.minutes,
    };
  }

  /** The provider has a good day, and everybody does their part until there is nothing left to do. */
  async comeToRest(first: 'recovery' | 'webhooks'): Promise<void> {
    await this.endCalls();
    for (let round = 0; round < ROUNDS_MAX; round++) {
      if (first === 'webhooks') await this.hearWebhooks();
      await this.wait(ROUND_MINUTES);
      await this.begin('recovery', () => this.shop.recovery.recoverDue());
      await this.begin('refunds', () => this.shop.refunding.recovery.recoverDue());
      await this.begin('abandoned', () => this.shop.hearAbandoned());
      await this.begin('expiry', () => this.shop.expiry.turn());
      if (round > 0) await this.lapse();
      await this.hearWebhooks();
      const { order, payable, webhooks, payments } = await this.look();
      const isReturning = payments.some(({ refunds }) => refunds.some(isOpen));
      if (order !== 'pending' && payable + webhooks === 0 && !isReturning && round > 0) return;
    }
  }

  /** Answers whoever still waits, so that nothing goes on behind a run. */
  async endCalls(): Promise<void> {
    this.stripe.isPrompt = true;
    for (const call of [...this.stripe.calls]) {
      if (call.shop) this.stripe.reply(call);
      else this.stripe.work(call);
    }
    await Promise.all(this.running.keys());
  }

  private async hearWebhooks(): Promise<void> {
    for (const hint of this.stripe.webhooks.splice(0)) await this.hearWebhook(hint);
  }

  /** What the books have as reserved is not captured any more. What they gave up has to be released by them. */
  private async lapse(): Promise<void> {
    const { payments } = await this.look();
    const reserved = payments.filter(isReserved).map(({ id }) => id);
    const intents = this.stripe.reserved().filter(({ paymentId }) => reserved.includes(paymentId));
    intents.forEach((intent) => this.stripe.lapse(intent));
  }

  private lessBusy(): void {
    this.busy--;
    if (this.busy <= 0) this.wake();
  }
}

export function isReserved({ status }: SeenPayment): boolean {
  return status === 'authorized';
}

/** Whether the provider has still to be heard about it. */
export function isOpen({ status }: SeenRefund): boolean {
  return status === 'requested' || status === 'submitting' || status === 'unknown';
}
