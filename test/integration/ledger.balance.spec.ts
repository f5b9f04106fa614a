import fc from 'fast-check';
import {
  type Booking,
  LEDGER_ACCOUNTS,
  LEDGER_KINDS,
  transfer,
} from '../../src/domains/payments/ledger/ledger-book.js';
import { viewTrialBalance } from '../../src/domains/payments/ledger/ledger.view.js';
import { postgresCode } from '../../src/platform/database/postgres-errors.js';
import { newId } from '../../src/shared/ids.js';
import { Money } from '../../src/shared/money.js';
import { LedgerDesk } from './ledger.support.js';

jest.setTimeout(60_000);

const RUNS = 40;
const EVERYTHING = { from: null, to: null };

/** With no, two and three decimals. */
const aCurrency = fc.constantFrom('JPY', 'ISK', 'USD', 'EUR', 'KWD', 'TND');
const anAmount = fc.integer({ min: 1, max: 99_999_999 });
const twoAccounts = fc
  .uniqueArray(fc.constantFrom(...LEDGER_ACCOUNTS), { minLength: 2, maxLength: 2 })
  .map(([debit = 'bank', credit = 'cash']) => ({ debit, credit }));
const aTransfer = fc.tuple(anAmount, aCurrency, twoAccounts);
/** One to three transfers booked together, some of them again and again under the same source. */
const someBookings = fc.array(
  fc.record({
    kind: fc.constantFrom(...LEDGER_KINDS),
    transfers: fc.array(aTransfer, { minLength: 1, maxLength: 3 }),
    times: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 8 },
);

let desk: LedgerDesk;

beforeAll(async () => {
  desk = await LedgerDesk.open();
});

afterAll(async () => {
  await desk?.close();
});

async function trialBalance() {
  return viewTrialBalance(await desk.reading.balances(EVERYTHING));
}

it('stays at zero per currency whatever is booked, and books nothing twice', async () => {
  const expected = new Map<string, bigint>();
  await fc.assert(
    fc.asyncProperty(someBookings, async (bookings) => {
      for (const { kind, transfers, times } of bookings) {
        const entries = transfers.flatMap(([amount, currency, to]) => transfer(Money.of(amount, currency), to));
        const booking: Booking = { kind, sourceId: newId(), entries };
        const all = [];
        for (let time = 0; time < times; time += 1) all.push(await desk.book(booking));
        expect(all).toEqual([true, ...Array.from({ length: times - 1 }, () => false)]);
        for (const [amount, currency] of transfers) {
          expected.set(currency, (expected.get(currency) ?? 0n) + BigInt(amount));
        }
      }
      const { totals } = await trialBalance();
      expect(
        totals.map(({ currency, debit, credit, balance }) => [currency, BigInt(debit), BigInt(credit), balance]),
      ).toEqual([...expected].sort().map(([currency, sum]) => [currency, sum, sum, 0]));
    }),
    { numRuns: RUNS },
  );
});

it('is not moved by a booking that does not add up, which the database refuses when it commits', async () => {
  const before = await trialBalance();
  const [debit, credit] = transfer(Money.of(500, 'USD'), { debit: 'bank', credit: 'revenue:orders' });
  if (!debit || !credit) throw new Error('a transfer has two sides');

  for (const entries of [[debit], [debit, { ...credit, money: Money.of(-499, 'USD') }], []]) {
    const refusal = await desk.book({ entries }).catch((error: unknown) => error);
    expect(postgresCode(refusal)).toBe('23514');
  }

  expect(await trialBalance()).toEqual(before);
});

it('would not be zero without the trigger (control)', async () => {
  await desk.db.query('ALTER TABLE ledger_transactions DISABLE TRIGGER ledger_transactions_balance');
  await desk.db.query('ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_balance');

  expect(await desk.book({ entries: [{ account: 'bank', money: Money.of(7, 'CHF') }] })).toBe(true);

  expect((await trialBalance()).totals).toContainEqual({ currency: 'CHF', debit: 7, credit: 0, balance: 7 });
});
