import type { Money } from '../../../shared/money.js';

/** The chart of accounts; the CHECK `ledger_entries_account_is_known` repeats it. Whoever holds our money owes it to us. */
export const LEDGER_ACCOUNTS = [
  'provider:stripe',
  'bank',
  'cash',
  'revenue:orders',
  'refunds',
  'fees:stripe',
  'disputes',
] as const;
export type LedgerAccount = (typeof LEDGER_ACCOUNTS)[number];

/** What can be booked; each once per source. */
export const LEDGER_KINDS = ['capture', 'refund', 'refund_reversal', 'fee', 'dispute', 'dispute_reversal'] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** Positive is a debit, negative a credit. */
export interface BookEntry {
  readonly account: LedgerAccount;
  readonly money: Money;
}

export interface Booking {
  readonly kind: LedgerKind;
  /** The payment, refund or dispute it is booked for. */
  readonly sourceId: string;
  readonly entries: readonly BookEntry[];
}

/** Debits one account and credits another by the same amount. */
export function transfer(money: Money, { debit, credit }: Record<'debit' | 'credit', LedgerAccount>): BookEntry[] {
  return [
    { account: debit, money },
    { account: credit, money: money.times(-1) },
  ];
}

export function isLedgerAccount(name: string): name is LedgerAccount {
  return LEDGER_ACCOUNTS.some((account) => account === name);
}
