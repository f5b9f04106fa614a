import { ApiProperty } from '@nestjs/swagger';
import { Money } from '../../../shared/money.js';
import { LEDGER_ACCOUNTS, LEDGER_KINDS, type LedgerAccount, type LedgerKind } from './ledger-book.js';
import type { AccountBalance, LedgerEntry } from './ledger-reading.repository.js';

class Sums {
  @ApiProperty({ description: 'ISO 4217.', example: 'USD' }) currency!: string;
  @ApiProperty({ description: 'Minor units of `currency`.', example: 4_900 }) debit!: number;
  @ApiProperty({ description: 'Minor units of `currency`.', example: 0 }) credit!: number;
  @ApiProperty({ description: 'Debit less credit, in minor units of `currency`.', example: 4_900 }) balance!: number;
}

export class AccountBalanceView extends Sums {
  @ApiProperty({ enum: LEDGER_ACCOUNTS, example: 'provider:stripe' }) account!: LedgerAccount;
}

export class TrialBalanceView {
  @ApiProperty({ type: [AccountBalanceView], description: 'Per account and currency, where anything was booked.' })
  data!: AccountBalanceView[];

  @ApiProperty({ type: [Sums], description: 'Per currency over all accounts; `balance` is 0, or the books are wrong.' })
  totals!: Sums[];

  @ApiProperty({ type: String, nullable: true, description: 'Always null: this is all of it.' }) next!: null;
}

export class LedgerEntryView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'uuid', description: 'Entries of one transaction add up to zero per currency.' })
  transactionId!: string;
  @ApiProperty({ enum: LEDGER_KINDS, example: 'capture' }) kind!: LedgerKind;
  @ApiProperty({ format: 'uuid', description: 'The payment, refund or dispute it was booked for.' }) sourceId!: string;
  @ApiProperty({ description: 'ISO 4217.', example: 'USD' }) currency!: string;
  @ApiProperty({ description: 'Minor units of `currency`; above zero a debit, below a credit.', example: 4_900 })
  amount!: number;
  @ApiProperty({ format: 'date-time' }) occurredAt!: string;
}

export class LedgerEntryPage {
  @ApiProperty({ type: [LedgerEntryView], description: 'Newest first.' }) data!: LedgerEntryView[];
  @ApiProperty({ type: String, nullable: true, description: 'Pass as `after`; null at the end.' }) next!: string | null;
}

/** @throws RangeError when a sum is beyond what we can say exactly */
export function viewTrialBalance(data: AccountBalance[]): TrialBalanceView {
  const currencies = [...new Set(data.map(({ currency }) => currency))].sort();
  const totals = currencies.map((currency) => {
    const lines = data.filter((line) => line.currency === currency);
    const sumOf = (side: 'debit' | 'credit' | 'balance') =>
      lines.reduce((sum, line) => sum.plus(Money.of(line[side], currency)), Money.of(0, currency)).amount;
    return { currency, debit: sumOf('debit'), credit: sumOf('credit'), balance: sumOf('balance') };
  });
  return { data, totals, next: null };
}

export function viewLedgerEntry({ occurredAt, ...entry }: LedgerEntry): LedgerEntryView {
  return { ...entry, occurredAt: occurredAt.toISOString() };
}
