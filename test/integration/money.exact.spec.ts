import fc from 'fast-check';
import { transfer } from '../../src/domains/payments/ledger/ledger-book.js';
import { fromStripeAmount, toStripeAmount } from '../../src/domains/payments/strategies/stripe-amounts.js';
import { newId } from '../../src/shared/ids.js';
import { Money } from '../../src/shared/money.js';
import { Rig } from '../contract/sandbox.fixture.js';
import { LedgerDesk } from './ledger.support.js';

jest.setTimeout(120_000);

const AMOUNTS = 10_000;
/** The balance of a booking is checked once per entry: many small ones are faster. */
const PER_BOOKING = 20;
const OVER_THE_WIRE = 60;
const SEED = 20_261_125;

/** With no, two and three decimals, and what Stripe takes them in steps of. */
const STEPS = { JPY: 1, ISK: 1, USD: 1, EUR: 1, HUF: 1, KWD: 10, TND: 10 } as const;
const currencies = Object.keys(STEPS) as (keyof typeof STEPS)[];
const exact = fc.record({
  amount: fc.maxSafeInteger().filter((amount) => amount !== 0),
  currency: fc.constantFrom(...currencies),
});

let desk: LedgerDesk;

beforeAll(async () => {
  desk = await LedgerDesk.open();
});

afterAll(async () => {
  await desk?.close();
});

/** What a request's body is to us: text, read once. */
function throughJson({ amount, currency }: { amount: number; currency: string }): Money {
  const read = JSON.parse(JSON.stringify({ amount, currency })) as { amount: number; currency: string };
  return Money.of(read.amount, read.currency);
}

it(`is the same ${AMOUNTS} amounts in JSON, in PostgreSQL and in Stripe's parameters`, async () => {
  const sample = fc.sample(exact, { numRuns: AMOUNTS, seed: SEED });
  const decimals = new Set(sample.map(({ currency }) => Money.of(0, currency).decimals));
  expect(decimals).toEqual(new Set([0, 2, 3]));
  let read = 0;
  for (let from = 0; from < sample.length; from += PER_BOOKING) {
    const monies = sample.slice(from, from + PER_BOOKING).map(throughJson);
    const sourceId = newId();
    const entries = monies.flatMap((money) => transfer(money, { debit: 'bank', credit: 'revenue:orders' }));
    expect(await desk.book({ sourceId, entries })).toBe(true);

    const rows = await desk.dataSource.query<{ amount: number; currency: string }[]>(
      `SELECT e.amount, e.currency FROM ledger_entries AS e JOIN ledger_transactions AS t ON t.id = e.transaction_id
        WHERE t.source_id = $1 AND e.account = 'bank' ORDER BY e.id`,
      [sourceId],
    );
    expect(rows.map(({ amount, currency }) => Money.of(amount, currency))).toEqual(monies);
    read += rows.length;
  }
  expect(read).toBe(AMOUNTS);

  const chargeable = sample
    .map(({ amount, currency }) => Money.of(Math.abs(amount % 99_999_999), currency))
    .filter(({ amount, currency }) => amount % STEPS[currency as keyof typeof STEPS] === 0);
  for (const money of chargeable) {
    expect(fromStripeAmount(toStripeAmount(money), money.currency.toLowerCase())).toEqual(money);
  }
  expect(chargeable.length).toBeGreaterThan(AMOUNTS / 2);
});

it('is the same on the wire: what Stripe was asked for is what the row says', async () => {
  const rig = await Rig.start();
  try {
    const amounts = fc.record({
      units: fc.integer({ min: 20_000, max: 999_999 }),
      currency: fc.constantFrom(...currencies),
    });
    for (const { units, currency } of fc.sample(amounts, { numRuns: OVER_THE_WIRE, seed: SEED })) {
      const money = Money.of(units - (units % STEPS[currency]), currency);
      const parameters = { amount: toStripeAmount(money), currency: currency.toLowerCase() };
      const intent = await rig.stripe().paymentIntents.create(parameters);
      expect(fromStripeAmount(intent.amount, intent.currency)).toEqual(money);
    }
  } finally {
    await rig.close();
  }
});

it('is refused beyond 2^53, wherever it comes from: it would be another amount already', async () => {
  for (const text of ['9007199254740993', '9007199254740992', '-9007199254740992', '1e300', '0.1']) {
    expect(() => throughJson({ amount: JSON.parse(text) as number, currency: 'USD' })).toThrow(RangeError);
  }
  expect(JSON.parse('9007199254740993')).toBe(9_007_199_254_740_992);
  const sql = `SELECT 9007199254740993::bigint AS amount`;
  await expect(desk.dataSource.query(sql)).rejects.toThrow('9007199254740993 is not a safe integer');
});

it('would not be the same in floating point (control)', () => {
  const sample = fc.sample(exact, { numRuns: AMOUNTS, seed: SEED });
  const changed = sample.filter(({ amount }) => (amount / 100) * 100 !== amount);
  expect(changed.length).toBeGreaterThan(0);
});
