import type { Fault } from '../../../test/support/sandbox.js';
import type { Prey } from './trap.js';

const HOLD_MS = 120_000;
const OPENS_PAYMENT = /INSERT INTO idempotency_keys[\s\S]+INSERT INTO payments/;
const MOVES_PAYMENT = /UPDATE payments\s+SET status = \$2/;
const CLOSES_DELIVERY = /^DELETE FROM event_deliveries WHERE event_id/;
const COMMITS = /^COMMIT/;

/** A moment of a payment's life at which a process dies, and how it is held there from outside until it does. */
export interface Point {
  readonly name: string;
  /** All workers die at once, because it is not known which of them was caught. */
  readonly victim: 'web' | 'workers' | 'web, then the workers';
  /** PostgreSQL does not get the statement, or the process does not get PostgreSQL's answer. */
  readonly statement?: Prey;
  /** The provider holds the request, or with `after` its reply. */
  readonly provider?: Pick<Fault, 'after'>;
  /** The client does not get the answer. */
  readonly reply?: true;
}

export const POINTS: readonly Point[] = [
  { name: 'before the intent', victim: 'web', statement: { at: OPENS_PAYMENT, hold: 'request' } },
  { name: 'after the intent', victim: 'web', provider: { after: false } },
  { name: 'after the provider has accepted', victim: 'web', provider: { after: true } },
  {
    name: 'after the settlement is committed',
    victim: 'web',
    statement: { after: MOVES_PAYMENT, at: COMMITS, hold: 'answer' },
  },
  { name: 'before the reply', victim: 'web', reply: true },
  { name: 'while recovery asks', victim: 'web, then the workers', provider: { after: true } },
  { name: 'before the effect of an event', victim: 'workers', statement: { at: CLOSES_DELIVERY, hold: 'request' } },
  {
    name: 'after the effect of an event is committed',
    victim: 'workers',
    statement: { after: CLOSES_DELIVERY, at: COMMITS, hold: 'answer' },
  },
];

/** As the sandbox takes it: everybody who asks is held, until it is told to behave. */
export function faultOf({ after }: Pick<Fault, 'after'>): Fault {
  return { op: 'payment_intents.create', effect: 'delay', ms: HOLD_MS, ...(after ? { after } : {}) };
}
