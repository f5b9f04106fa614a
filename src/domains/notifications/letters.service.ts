import { Injectable } from '@nestjs/common';
import {
  type Contact,
  OrderSummaries,
  type OrderSummary,
  RefundSummaries,
  UserDirectory,
} from '../../contracts/letters.js';
import { Money } from '../../shared/money.js';
import { greetingName } from './greeting-name.js';
import type { Notification, NotificationKind } from './notification.entity.js';
import { alreadyRegistered } from './templates/already-registered.js';
import { orderPlaced } from './templates/order-placed.js';
import { paymentReceipt } from './templates/payment-receipt.js';
import { refundIssued } from './templates/refund-issued.js';
import type { Content } from './templates/template.js';
import { verifyEmail } from './templates/verify-email.js';
import { welcome } from './templates/welcome.js';

export interface Letter extends Content {
  /** The address. */
  readonly to: string;
}

/** A letter, or why there is none to write any more. */
export type Composed =
  { readonly kind: 'letter'; readonly letter: Letter } | { readonly kind: 'moot'; readonly reason: string };

/** Null when the fact is none any more: the address is verified already. */
type Compose = (notification: Notification, contact: Contact) => Promise<Content | null>;

/** Writes letters. What they say is asked for when they are sent, so that no address or token is stored on the way. */
@Injectable()
export class LettersService {
  private readonly byKind: Readonly<Record<NotificationKind, Compose>> = {
    welcome: (_notification, contact) => this.withLink(contact, welcome.render),
    'verify-email': (_notification, contact) => this.withLink(contact, verifyEmail.render),
    'already-registered': async (_notification, { userId, displayName }) => {
      const link = await this.users.verificationLinkOf(userId);
      return alreadyRegistered.render({ name: greetingName(displayName), link });
    },
    'order-placed': async (notification, { displayName }) =>
      orderPlaced.render({ name: greetingName(displayName), ...order(await this.summaryOf(notification)) }),
    'payment-receipt': async (notification, { displayName }) =>
      paymentReceipt.render({
        name: greetingName(displayName),
        paymentId: notification.factId,
        ...order(await this.summaryOf(notification)),
      }),
    'refund-issued': async ({ id, factId, orderId }, { displayName }) => {
      const refund = await this.refunds.refundOf(factId);
      if (!refund || orderId === null) throw new Error(`the refund of notification ${id} is not there`);
      const amount = Money.of(refund.amount, refund.currency).toString();
      return refundIssued.render({ name: greetingName(displayName), orderId, refundId: factId, amount });
    },
  };

  constructor(
    private readonly users: UserDirectory,
    private readonly orders: OrderSummaries,
    private readonly refunds: RefundSummaries,
  ) {}

  async compose(notification: Notification): Promise<Composed> {
    const contact = await this.users.contactOf(notification.userId);
    if (!contact) return { kind: 'moot', reason: 'the account is closed' };
    const content = await this.byKind[notification.kind](notification, contact);
    if (!content) return { kind: 'moot', reason: 'the address is verified already' };
    return { kind: 'letter', letter: { to: contact.email, ...content } };
  }

  private async withLink(
    { userId, displayName }: Contact,
    render: (view: { name: string | null; link: string }) => Content,
  ): Promise<Content | null> {
    const link = await this.users.verificationLinkOf(userId);
    return link === null ? null : render({ name: greetingName(displayName), link });
  }

  private async summaryOf({ id, orderId }: Notification): Promise<OrderSummary> {
    const summary = orderId === null ? null : await this.orders.summaryOf(orderId);
    if (!summary) throw new Error(`the order of notification ${id} is not there`);
    return summary;
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
