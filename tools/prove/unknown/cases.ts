import type { Fault } from '../../../test/support/sandbox.js';

const CREATE = 'payment_intents.create';
/** Held until the sandbox is told to behave. */
const HELD_MS = 120_000;

/** One bad day of the provider, and what a customer may be told while nobody knows. */
export interface Case {
  readonly name: string;
  readonly faults: readonly Fault[];
  readonly card?: string;
  /** The first answer, and the payment's status with it. */
  readonly told: 402 | 202;
  readonly status: 'failed' | 'unknown';
  /** Whether the provider charges in the end. Recovery submits again what it never saw. */
  readonly end: 'succeeded' | 'failed';
  /** A control about lost answers needs only these. */
  readonly isAccepted?: true;
}

function faulty(effect: Fault['effect'], more: Partial<Fault> = {}): readonly Fault[] {
  return [{ op: CREATE, effect, ...more }];
}

const notKnown = { told: 202, status: 'unknown', end: 'succeeded' } as const;
const refused = { told: 402, status: 'failed', end: 'failed' } as const;

/** P6: only a card error and a refusal of the request itself mean that nothing was charged. */
export const CASES: readonly Case[] = [
  { name: 'a card error', faults: faulty('status', { status: 402 }), ...refused },
  { name: 'a request that is refused', faults: faulty('status', { status: 400 }), ...refused },
  { name: 'a declined card', faults: [], card: 'pm_card_chargeDeclined', ...refused },
  { name: 'accepted, and the reply dropped', faults: faulty('dropReply'), isAccepted: true, ...notKnown },
  {
    name: 'accepted, and then it hangs',
    faults: faulty('delay', { ms: HELD_MS, after: true }),
    isAccepted: true,
    ...notKnown,
  },
  { name: 'accepted, and a 500 stored', faults: faulty('stored500'), isAccepted: true, ...notKnown },
  { name: 'nothing done, and a 500 stored', faults: faulty('stored500', { before: true }), ...notKnown, end: 'failed' },
  { name: 'it hangs before it does anything', faults: faulty('delay', { ms: HELD_MS }), ...notKnown },
  { name: 'the line is cut before it does anything', faults: faulty('reset'), ...notKnown },
  { name: 'key in use (409)', faults: faulty('status', { status: 409 }), ...notKnown },
  { name: 'too many requests (429)', faults: faulty('status', { status: 429 }), ...notKnown },
  { name: 'an error of its own (500)', faults: faulty('status', { status: 500 }), ...notKnown },
  { name: 'not there (503)', faults: faulty('status', { status: 503 }), ...notKnown },
  { name: 'our key refused (401)', faults: faulty('status', { status: 401 }), ...notKnown },
  { name: 'our permission refused (403)', faults: faulty('status', { status: 403 }), ...notKnown },
];
