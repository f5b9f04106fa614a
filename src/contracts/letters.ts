/** What the notifications ask other domains about a fact when they write a letter. Read when sending, never stored. */

export interface Contact {
  readonly userId: string;
  readonly email: string;
  readonly displayName: string | null;
}

export abstract class UserDirectory {
  /** Null when the account is gone or closed. */
  abstract contactOf(userId: string): Promise<Contact | null>;

  /** A fresh link that verifies the address of this account; null when it is verified already. */
  abstract verificationLinkOf(userId: string): Promise<string | null>;
}

export interface OrderSummary {
  readonly orderId: string;
  readonly totalAmount: number;
  readonly currency: string;
  readonly items: readonly { name: string; quantity: number; unitAmount: number }[];
}

export abstract class OrderSummaries {
  abstract summaryOf(orderId: string): Promise<OrderSummary | null>;
}

export interface RefundSummary {
  readonly amount: number;
  readonly currency: string;
}

export abstract class RefundSummaries {
  abstract refundOf(refundId: string): Promise<RefundSummary | null>;
}
