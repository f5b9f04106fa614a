/** What the notifications ask other domains about a fact when they write a letter. Read when sending, never stored. */

export interface Contact {
  readonly userId: string;
  readonly email: string;
  readonly displayName: string | null;
}

/** What a mailed link of an account is good for, beside verifying its address. */
export type AccountLink = 'reset-password' | 'export-data';

/** An address that an account is to change to. */
export interface AddressChange {
  /** Where the letter about it goes: not the account's own address. */
  readonly address: string;
  /** What confirms the change; null where the address belongs to another account, whose owner is told so. */
  readonly link: string | null;
}

export abstract class UserDirectory {
  /** Null when the account is gone or closed. */
  abstract contactOf(userId: string): Promise<Contact | null>;

  /** A fresh link that verifies the address of this account; null when it is verified already. */
  abstract verificationLinkOf(userId: string): Promise<string | null>;

  /** A fresh link for the owner of this account; null when the account is gone or closed. */
  abstract accountLinkOf(userId: string, link: AccountLink): Promise<string | null>;

  /** The change of address that this account waits for, with a fresh link; null when there is none any more. */
  abstract addressChangeOf(userId: string): Promise<AddressChange | null>;
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

export interface PaymentSummary {
  /** What we took, which may be less than the order's total. */
  readonly capturedAmount: number;
  readonly currency: string;
}

export abstract class PaymentSummaries {
  abstract summaryOf(paymentId: string): Promise<PaymentSummary | null>;
}

export interface RefundSummary {
  readonly amount: number;
  readonly currency: string;
}

export abstract class RefundSummaries {
  abstract refundOf(refundId: string): Promise<RefundSummary | null>;
}
