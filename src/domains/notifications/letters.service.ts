import { Injectable } from '@nestjs/common';
import {
  type Contact,
  OrderSummaries,
  type OrderSummary,
  PaymentSummaries,
  RefundSummaries,
  UserDirectory,
} from '../../contracts/letters.js';
import { Money } from '../../shared/money.js';
import { accountLetters, type Written } from './account-letters.js';
import { greetingName } from './greeting-name.js';
import type { Notification, NotificationKind } from './notification.entity.js';
import { orderPlaced } from './templates/order-placed.js';
import { paymentReceipt } from './templates/payment-receipt.js';
import { refundIssued } from './templates/refund-issued.js';
import type { Content } from './templates/template.js';

export interface Letter extends Content {
  /** The address. */
  readonly to: string;
}

/** A letter, or why there is none to write any more. */
export type Composed =
  { readonly kind: 'letter'; readonly letter: Letter } | { readonly kind: 'moot'; readonly reason: string };

/** Null when there is nothing to tell any more: the address is verified already. */
type Compose = (contact: Contact, notification: Notification) => Promise<Written | null>;

/** Writes letters. What they say is asked for when they are sent, so that no address or token is stored on the way. */
@Injectable()
export class LettersService {
  private readonly byKind: Readonly<Record<NotificationKind, Compose>> = {
    ...accountLetters(this.users),
    'order-placed': async ({ displayName }, notification) =>
      orderPlaced.render({ name: greetingName(displayName), ...order(await this.summaryOf(notification)) }),
    'payment-receipt': async ({ displayName }, notification) =>
      paymentReceipt.render({
        name: greetingName(displayName),
        paymentId: notification.factId,
        paid: await this.paidBy(notification),
        ...order(await this.summaryOf(notification)),
      }),
    'refund-issued': async ({ displayName }, { id, factId, orderId }) => {
      const refund = await this.refunds.refundOf(factId);
      if (!refund || orderId === null) throw new Error(`the refund of notification ${id} is not there`);
      const amount = Money.of(refund.amount, refund.currency).toString();
      return refundIssued.render({ name: greetingName(displayName), orderId, refundId: factId, amount });
    },
  };

  constructor(
    private readonly users: UserDirectory,
    private readonly orders: OrderSummaries,
    private readonly payments: PaymentSummaries,
    private readonly refunds: RefundSummaries,
  ) {}

  async compose(notification: Notification): Promise<Composed> {
    const contact = await this.users.contactOf(notification.userId);
    if (!contact) return { kind: 'moot', reason: 'the account is closed' };
    const content = await this.byKind[notification.kind](contact, notification);
    if (!content) return { kind: 'moot', reason: 'there is nothing to tell any more' };
    return { kind: 'letter', letter: { to: contact.email, ...content } };
  }

  private async summaryOf({ id, orderId }: Notification): Promise<OrderSummary> {
    const summary = orderId === null ? null : await this.orders.summaryOf(orderId);
    if (!summary) throw new Error(`the order of notification ${id} is not there`);
    return summary;
  }

  private async paidBy({ id, factId }: Notification): Promise<string> {
    const payment = await this.payments.summaryOf(factId);
    if (!payment) throw new Error(`the payment of notification ${id} is not there`);
    return Money.of(payment.capturedAmount, payment.currency).toString();
  }
}

function order({ orderId, totalAmount, currency, items }: OrderSummary) {
  return {
    orderId,
    total: Money.of(totalAmount, currency).toString(),
    items: items.map(({ name, quantity, unitAmount }) => ({
      name,
      quantity,
      amount: Money.of(unitAmount, currency).times(quantity).toString(),
    })),
  };
}
