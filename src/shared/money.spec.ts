import fc from 'fast-check';
import { Money } from './money.js';

const CURRENCIES = ['JPY', 'ISK', 'USD', 'EUR', 'KWD', 'TND'];
const aMoney = fc.tuple(fc.maxSafeInteger(), fc.constantFrom(...CURRENCIES)).map(([amount, c]) => Money.of(amount, c));
const someRatios = fc
  .array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 20 })
  .filter((all) => all.some(Boolean));

const amounts = (parts: readonly Money[]) => parts.map(({ amount }) => amount);

describe('Money', () => {
  it.each([
    ['JPY', 0],
    ['ISK', 0],
    ['UGX', 0],
    ['USD', 2],
    ['HUF', 2],
    ['TWD', 2],
    ['MGA', 2],
    ['KWD', 3],
    ['CLF', 4],
  ])('gives %s its %d decimals', (currency, decimals) => {
    expect(Money.of(1, currency).decimals).toBe(decimals);
  });

  it.each([
    [1_250, 'USD', '12.50 USD'],
    [-5, 'EUR', '-0.05 EUR'],
    [500, 'JPY', '500 JPY'],
    [1, 'KWD', '0.001 KWD'],
    [0, 'USD', '0.00 USD'],
    [Number.MAX_SAFE_INTEGER, 'USD', '90071992547409.91 USD'],
  ])('writes %d %s as %s', (amount, currency, text) => {
    expect(Money.of(amount, currency).toString()).toBe(text);
  });

  it.each([0.1, 2 ** 53, -(2 ** 53), Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (amount) => {
    expect(() => Money.of(amount, 'USD')).toThrow(RangeError);
  });

  it.each(['usd', 'US', 'DOLLAR', ''])('refuses the currency "%s"', (currency) => {
    expect(() => Money.of(1, currency)).toThrow(RangeError);
  });

  it('refuses to add two currencies, and a sum or product it cannot hold', () => {
    const most = Money.of(Number.MAX_SAFE_INTEGER, 'USD');
    expect(() => most.plus(Money.of(1, 'EUR'))).toThrow(RangeError);
    expect(() => most.plus(Money.of(1, 'USD'))).toThrow(RangeError);
    expect(() => most.times(2)).toThrow(RangeError);
    expect(() => Money.of(3, 'USD').times(0.5)).toThrow(RangeError);
  });
});

describe('allocating', () => {
  it.each([
    [100, [1, 1, 1], [34, 33, 33]],
    [-100, [1, 1, 1], [-34, -33, -33]],
    [5, [3, 7], [2, 3]],
    [1, [1, 1_000_000], [0, 1]],
    [0, [2, 3], [0, 0]],
    [7, [0, 1, 0], [0, 7, 0]],
  ])('splits %d by %j into %j', (amount, ratios, parts) => {
    expect(amounts(Money.of(amount, 'USD').allocate(ratios))).toEqual(parts);
  });

  it('neither loses nor makes a unit, and gives nobody a whole unit more or less than their share', () => {
    fc.assert(
      fc.property(aMoney, someRatios, (money, ratios) => {
        const parts = money.allocate(ratios);
        const whole = ratios.reduce((sum, ratio) => sum + ratio, 0);
        expect(parts.reduce((sum, part) => sum.plus(part)).amount).toBe(money.amount);
        for (const [index, { amount, currency }] of parts.entries()) {
          expect(currency).toBe(money.currency);
          // Compared without dividing: |part × whole − amount × ratio| < whole.
          const off = BigInt(amount) * BigInt(whole) - BigInt(money.amount) * BigInt(ratios[index] ?? 0);
          expect(off < BigInt(whole) && -off < BigInt(whole)).toBe(true);
        }
      }),
    );
  });

  it('would lose units by rounding each share down (control)', () => {
    const floored = [1, 1, 1].map((ratio) => Math.floor((100 * ratio) / 3));
    expect(floored.reduce((sum, part) => sum + part)).toBe(99);
  });

  it.each([[[]], [[0, 0]], [[1, -1]], [[0.5, 0.5]]])('refuses the ratios %j', (ratios) => {
    expect(() => Money.of(100, 'USD').allocate(ratios)).toThrow(RangeError);
  });
});
