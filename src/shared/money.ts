/** Largest total of an order, in minor units: Stripe's own limit of eight digits. */
export const ORDER_TOTAL_MAX = 99_999_999;

const ZERO_DECIMAL = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF'.split(' '));
const THREE_DECIMAL = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));

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
    if (ZERO_DECIMAL.has(this.currency)) return 0;
    return THREE_DECIMAL.has(this.currency) ? 3 : 2;
  }

  plus(other: Money): Money {
    if (other.currency !== this.currency) throw new RangeError(`${this.currency} and ${other.currency} do not add up`);
    return Money.of(this.amount + other.amount, this.currency);
  }

  times(quantity: number): Money {
    return Money.of(this.amount * quantity, this.currency);
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
