import fc from 'fast-check';
import { Money } from '../../../shared/money.js';
import { fromStripeAmount, NotChargeable, toStripeAmount } from './stripe-amounts.js';

describe('amounts for Stripe', () => {
  it.each([
    [4_900, 'USD', 4_900],
    [500, 'JPY', 500],
    [5, 'ISK', 500],
    [1_200, 'MGA', 12],
    [1_045, 'HUF', 1_045],
    [80_045, 'TWD', 80_045],
    [5_120, 'KWD', 5_120],
  ])('are for %d %s: %d', (amount, currency, stripe) => {
    expect(toStripeAmount(Money.of(amount, currency))).toBe(stripe);
    expect(fromStripeAmount(stripe, currency.toLowerCase())).toEqual(Money.of(amount, currency));
  });

  it.each([
    [5_124, 'KWD', 'amount-not-chargeable'],
    [1_250, 'MGA', 'amount-not-chargeable'],
    [500, 'UGX', 'currency-not-chargeable'],
    [1_000, 'IQD', 'currency-not-chargeable'],
    [10_000, 'CLF', 'currency-not-chargeable'],
  ])('are refused, not rounded, for %d %s', (amount, currency, code) => {
    const refusal = expect(() => toStripeAmount(Money.of(amount, currency)));
    refusal.toThrow(NotChargeable);
    refusal.toThrow(expect.objectContaining({ code }));
  });

  it.each([
    [550, 'isk'],
    [500, 'ugx'],
    [0.5, 'usd'],
    [2 ** 53, 'usd'],
  ])('are refused on their way back where we cannot hold them: %d %s', (amount, currency) => {
    expect(() => fromStripeAmount(amount, currency)).toThrow(RangeError);
  });

  it('come back as they went, from the smallest to the largest an order can have', () => {
    const chargeable = fc.constantFrom(
      ['JPY', 1],
      ['ISK', 1],
      ['USD', 1],
      ['EUR', 1],
      ['HUF', 1],
      ['KWD', 10],
      ['MGA', 100],
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999 }), chargeable, (units, [currency, step]) => {
        const money = Money.of(units * Number(step), String(currency));
        const stripe = toStripeAmount(money);
        expect(Number.isSafeInteger(stripe)).toBe(true);
        expect(fromStripeAmount(stripe, money.currency.toLowerCase())).toEqual(money);
      }),
    );
  });
});
