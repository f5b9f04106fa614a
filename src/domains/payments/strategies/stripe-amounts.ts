import { Money } from '../../../shared/money.js';

/**
 * Stripe counts these in another unit than ISO 4217 does: crowns as if they had hundredths, ariary without any
 * (https://docs.stripe.com/currencies#special-cases, #zero-decimal).
 */
const STRIPE_EXPONENTS: ReadonlyMap<string, number> = new Map([
  ['ISK', 2],
  ['MGA', 0],
]);

/** The last digit of a three-decimal amount must be 0 (https://docs.stripe.com/currencies#three-decimal). */
const THREE_DECIMAL_STEP = 10;

/**
 * Not chargeable. Stripe's pages list UGX both as zero-decimal and as hundredths: one reading is a hundred times the
 * other, so neither is used. Dinars of Iraq and Libya, and the units of account with other decimals, it does not know.
 */
const REFUSED: ReadonlySet<string> = new Set(['UGX', 'IQD', 'LYD', 'CLF', 'UYI', 'UYW']);

/** Stripe cannot take exactly this amount; nobody was asked. */
export class NotChargeable extends Error {
  constructor(
    readonly code: 'currency-not-chargeable' | 'amount-not-chargeable',
    message: string,
  ) {
    super(message);
  }
}

/**
 * The amount in the unit Stripe's API takes it in; never rounded. HUF and TWD are two-decimal here: only payouts, which
 * we do not make, want whole units. @throws NotChargeable
 */
export function toStripeAmount(money: Money): number {
  const { amount, currency, decimals } = money;
  if (REFUSED.has(currency))
    throw new NotChargeable('currency-not-chargeable', `Cards cannot be charged in ${currency}.`);
  if (decimals === 3 && amount % THREE_DECIMAL_STEP !== 0) {
    throw new NotChargeable(
      'amount-not-chargeable',
      `Cards are charged ${currency} in steps of ${THREE_DECIMAL_STEP}.`,
    );
  }
  const scaled = scale(amount, (STRIPE_EXPONENTS.get(currency) ?? decimals) - decimals);
  if (scaled === null)
    throw new NotChargeable('amount-not-chargeable', `Cards are charged ${currency} in whole units.`);
  return scaled;
}

/**
 * What an amount of Stripe's is in our minor units.
 * @throws RangeError when we cannot hold it: a part of a unit, or a currency whose unit is not certain
 */
export function fromStripeAmount(amount: number, stripeCurrency: string): Money {
  const currency = stripeCurrency.toUpperCase();
  const { decimals } = Money.of(0, currency);
  const scaled = scale(amount, decimals - (STRIPE_EXPONENTS.get(currency) ?? decimals));
  if (scaled === null || REFUSED.has(currency))
    throw new RangeError(`${amount} ${stripeCurrency} is no exact amount here`);
  return Money.of(scaled, currency);
}

/** Moves the decimal point by `places`; null where digits would be lost. */
function scale(amount: number, places: number): number | null {
  const factor = 10 ** Math.abs(places);
  if (places >= 0) return amount * factor;
  return amount % factor === 0 ? amount / factor : null;
}
