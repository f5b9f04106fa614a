/** Largest total of an order, in minor units: Stripe's own limit of eight digits. */
export const ORDER_TOTAL_MAX = 99_999_999;

/** ISO 4217: how many decimals a currency's major unit has, where it is not two. */
const EXPONENTS: ReadonlyMap<string, number> = new Map([
  ...exponent(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...exponent(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...exponent(4, 'CLF UYW'),
]);
const USUAL_EXPONENT = 2;

function exponent(decimals: number, currencies: string): [string, number][] {
  return currencies.split(' ').map((currency) => [currency, decimals]);
}

/** An exact amount: a safe integer of minor units beside its upper-case ISO 4217 code. Never a float. */
export class Money {
  private constructor(
    readonly amount: number,
    readonly currency: string,
  ) {}

  /** @throws RangeError when the amount is no safe integer or the currency no ISO 4217 code. */
  static of(amount: number, currency: string): Money {
    if (!Number.isSafeInteger(amount)) throw new RangeError(`${amount} is not an exact number of minor units`);
    if (!/^[A-Z]{3}$/.test(currency)) throw new RangeError(`${currency} is not an ISO 4217 code`);
    return new Money(amount, currency);
  }

  /** How many decimals the currency's major unit has (ISO 4217 exponent). */
  get decimals(): number {
    return EXPONENTS.get(this.currency) ?? USUAL_EXPONENT;
  }

  plus(other: Money): Money {
    if (other.currency !== this.currency) throw new RangeError(`${this.currency} and ${other.currency} do not add up`);
    return Money.of(this.amount + other.amount, this.currency);
  }

  times(quantity: number): Money {
    return Money.of(this.amount * quantity, this.currency);
  }

  /**
   * Splits the amount by `ratios` and neither loses nor makes a unit (largest remainder method): everybody gets the
   * whole units of their share, and the units left over go one each to the largest remainders, to the earlier of two
   * that are alike. A negative amount splits like its opposite.
   * @throws RangeError when a ratio is no whole number from 0 on, or none is above 0
   */
  allocate(ratios: readonly number[]): Money[] {
    const whole = sumOfRatios(ratios);
    const size = BigInt(Math.abs(this.amount));
    const shares = ratios.map((ratio, index) => {
      const product = size * BigInt(ratio);
      return { index, units: product / whole, remainder: product % whole };
    });
    let left = shares.reduce((rest, { units }) => rest - units, size);
    for (const share of shares.toSorted(byRemainder)) {
      if (left === 0n) break;
      share.units += 1n;
      left -= 1n;
    }
    const sign = this.amount < 0 ? -1 : 1;
    return shares.map(({ units }) => Money.of(sign * Number(units), this.currency));
  }

  /** For people: `12.50 USD`. Made from the digits, never by dividing. */
  toString(): string {
    const sign = this.amount < 0 ? '-' : '';
    const digits = String(Math.abs(this.amount)).padStart(this.decimals + 1, '0');
    const major = digits.slice(0, digits.length - this.decimals);
    const minor = digits.slice(digits.length - this.decimals);
    return `${sign}${major}${this.decimals > 0 ? `.${minor}` : ''} ${this.currency}`;
  }
}

interface Share {
  readonly index: number;
  readonly remainder: bigint;
}

function byRemainder(one: Share, other: Share): number {
  if (one.remainder === other.remainder) return one.index - other.index;
  return one.remainder > other.remainder ? -1 : 1;
}

function sumOfRatios(ratios: readonly number[]): bigint {
  const wrong = ratios.find((ratio) => !Number.isSafeInteger(ratio) || ratio < 0);
  if (wrong !== undefined) throw new RangeError(`${wrong} is no ratio`);
  const whole = ratios.reduce((sum, ratio) => sum + BigInt(ratio), 0n);
  if (whole === 0n) throw new RangeError('nobody has a share');
  return whole;
}
