import { refusedParameter } from './failures.js';

/** The smallest charge per currency, in minor units: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const MINIMUMS: Record<string, number> = {
  usd: 50,
  aed: 200,
  aud: 50,
  bgn: 100,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1_500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  inr: 50,
  jpy: 50,
  mxn: 1_000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1_000,
};
const OTHER_MINIMUM = 1;
const MAXIMUM = 99_999_999;

/** Stripe takes these with two decimals only: the last of their three digits must be 0. */
const THREE_DECIMALS = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd']);
/** Whole units, counted in hundredths: https://docs.stripe.com/currencies#special-cases */
const WHOLE_UNITS = new Set(['isk', 'ugx']);
const KNOWN = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()));

/** The rate of a US account for domestic cards: 2.9 % and 30 cents. */
const FEE_PER_MILLE = 29;
const FEE_FIXED = 30;

export function readCurrency(given: string): string {
  const currency = given.toLowerCase();
  if (KNOWN.has(currency)) return currency;
  throw refusedParameter(
    'currency',
    null,
    `Invalid currency: ${given}. Stripe currently supports these currencies: ${[...KNOWN].join(', ')}`,
  );
}

export function checkAmount(amount: number, currency: string): void {
  const minimum = MINIMUMS[currency] ?? OTHER_MINIMUM;
  if (amount < minimum) {
    const message = `Amount must be at least ${spoken(minimum, currency)} ${currency}`;
    throw refusedParameter('amount', 'amount_too_small', message);
  }
  if (amount > MAXIMUM) {
    throw refusedParameter('amount', 'amount_too_large', `Amount must be no more than ${spoken(MAXIMUM, currency)}`);
  }
  if (WHOLE_UNITS.has(currency) && amount % 100 !== 0) {
    const code = 'invalid_charge_amount_no_decimal_compatible';
    throw refusedParameter('amount', code, `Invalid amount. Amounts in ${currency} must be evenly divisible by 100.`);
  }
  if (THREE_DECIMALS.has(currency) && amount % 10 !== 0) {
    const message = `Amounts in ${currency} must be a multiple of 10: the least significant digit must be 0.`;
    throw refusedParameter('amount', null, message);
  }
}

export function fee(amount: number, currency: string): number {
  const fixed = decimals(currency) === 0 ? 0 : FEE_FIXED;
  const step = WHOLE_UNITS.has(currency) ? 100 : 1;
  return Math.min(amount, Math.round((amount * FEE_PER_MILLE) / 1000 / step) * step + fixed);
}

export function spoken(amount: number, currency: string): string {
  const divisor = WHOLE_UNITS.has(currency) ? 100 : 10 ** decimals(currency);
  return format(currency).format(amount / divisor);
}

const formats = new Map<string, Intl.NumberFormat>();

/** Making a format takes longer than the rest of a payment. */
function format(currency: string): Intl.NumberFormat {
  const made = formats.get(currency) ?? new Intl.NumberFormat('en-US', { style: 'currency', currency });
  formats.set(currency, made);
  return made;
}

function decimals(currency: string): number {
  return format(currency).resolvedOptions().maximumFractionDigits ?? 2;
}
