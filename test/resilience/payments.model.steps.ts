import type { PayOrder } from '../../src/domains/payments/checkout/payments.dto.js';
import { newId } from '../../src/shared/ids.js';
import type { Call } from './payments.model.wire.js';
import { isOpen, isReserved, type SeenPayment, type Sight, type World } from './payments.model.world.js';
import { keyed } from '../integration/payments.support.js';

/** Something that may happen next. */
export interface Step {
  readonly name: string;
  isPossible(sight: Sight): boolean;
  take(world: World): Promise<void>;
}

const PAYMENTS_MAX = 2;
const REFUNDS_MAX = 3;
/** Nobody may need an operator before 23 hours are over. */
const MINUTES_MAX = 900;

type Which = 'first' | 'last';
const least = (which: Which) => (which === 'first' ? 1 : 2);

export const payWith = (card: string | null, captureMethod: PayOrder['captureMethod'] = 'automatic'): Step => ({
  name: `${captureMethod === 'manual' ? 'reserve' : 'pay'} with ${card ?? 'Stripe.js'}`,
  isPossible: mayPay,
  take: (world) =>
    world.begin('pay', () => world.shop.checkout.pay(...requestOf(world), { ...commandOf(card), captureMethod })),
});

/** Support takes a part of what is reserved, or all of it. */
export const capture = (amount?: number): Step => ({
  name: `capture ${amount ?? 'all that is reserved'}`,
  isPossible: ({ payments }) => payments.some(isReserved),
  take: (world) =>
    onReserved(world, ({ id }) =>
      world.begin('capture', () => world.shop.captures.capture(id, keyed(world.order.userId), amount)),
    ),
});

export const release: Step = {
  name: 'release what is reserved',
  isPossible: ({ payments }) => payments.some(isReserved),
  take: (world) =>
    onReserved(world, ({ id }) =>
      world.begin('release', async () => world.shop.ending.cancel(await world.shop.payments.get(id), { isAct: true })),
    ),
};

export const lapse: Step = {
  name: 'what is reserved lapses',
  isPossible: ({ reserved }) => reserved > 0,
  take: ({ stripe }) => toFirst(stripe.reserved(), (first) => stripe.lapse(first)),
};

/** tx A is committed, and the process dies. */
export const die: Step = {
  name: 'pay, and the server dies',
  isPossible: mayPay,
  take: (world) => world.begin('open', () => world.shop.opening.open(...requestOf(world), commandOf('pm_card_visa'))),
};

/** The customer's program sends its first request again. */
export const repeat: Step = {
  name: 'pay again under the first key',
  isPossible: ({ payments }) => payments.length > 0,
  take: async (world) => {
    const [first] = await world.shop.db.query<{ key: string }>(
      `SELECT k.key FROM idempotency_keys AS k JOIN payments AS p ON p.id = k.resource_id
        WHERE p.order_id = $1 ORDER BY p.id LIMIT 1`,
      [world.order.id],
    );
    await world.begin('repeat', () => world.shop.checkout.pay(...requestOf(world, first?.key), commandOf(null)));
  },
};

export const cancel: Step = {
  name: 'cancel the order',
  isPossible: ({ order }) => order === 'pending',
  take: (world) => world.begin('cancel', () => world.shop.cancellation.cancel(world.order.id, world.order.userId)),
};

export const expire: Step = {
  name: 'look for expired orders',
  isPossible: ({ order, isOrderDue }) => order === 'pending' && isOrderDue,
  take: (world) => world.begin('expiry', () => world.shop.expiry.turn()),
};

export const recover: Step = {
  name: 'recovery looks',
  isPossible: ({ payments, minutes }) => minutes > 0 && payments.length > 0,
  take: (world) => world.begin('recovery', () => world.shop.recovery.recoverDue()),
};

export const abandon: Step = {
  name: 'cancel what was given up',
  isPossible: ({ payments, running }) =>
    !running.includes('abandoned') && payments.some(({ status }) => status === 'failed' || status === 'cancelled'),
  take: (world) => world.begin('abandoned', () => world.shop.hearAbandoned()),
};

/** Support gives a part back, or all that is left. */
export const refund = (amount?: number): Step => ({
  name: `refund ${amount ?? 'all that is left'}`,
  isPossible: ({ payments }) => {
    const refunds = payments.flatMap((payment) => payment.refunds);
    return payments.some(({ captured }) => captured > 0) && refunds.length < REFUNDS_MAX;
  },
  take: async (world) => {
    const { payments } = await world.look();
    const captured = payments.find((payment) => payment.captured > 0);
    const command = { reason: 'it broke', ...(amount === undefined ? {} : { amount }) };
    const refunding = world.shop.refunding.service;
    if (captured) await world.begin('refund', () => refunding.refund(captured.id, keyed(world.order.userId), command));
  },
});

export const recoverRefunds: Step = {
  name: 'recovery looks for refunds',
  isPossible: ({ payments }) => payments.some(({ refunds }) => refunds.some(isOpen)),
  take: (world) => world.begin('refunds', () => world.shop.refunding.recovery.recoverDue()),
};

export const bounce: Step = {
  name: 'the bank sends a refund back',
  isPossible: ({ returned }) => returned > 0,
  take: ({ stripe }) => toFirst(stripe.returned(), (first) => stripe.bounce(first)),
};

export const wait = (passing: number): Step => ({
  name: `wait ${passing} min`,
  isPossible: ({ payments, minutes }) => payments.length > 0 && minutes + passing < MINUTES_MAX,
  take: (world) => world.wait(passing),
});

export const arrive = (which: Which): Step => ({
  name: `the ${which} request arrives`,
  isPossible: ({ travelling }) => travelling >= least(which),
  take: (world) => provider(world, which, 'work'),
});

export const answer = (which: Which): Step => ({
  name: `the ${which} answer arrives`,
  isPossible: ({ awaited }) => awaited >= least(which),
  take: (world) => provider(world, which, 'reply'),
});

export const lose = (which: Which): Step => ({
  name: `the ${which} answer is lost`,
  isPossible: ({ awaited }) => awaited >= least(which),
  take: (world) => provider(world, which, 'lose'),
});

export const fail: Step = {
  name: 'the provider is in trouble',
  isPossible: ({ awaited }) => awaited > 0,
  take: (world) => provider(world, 'first', 'fail'),
};

export const customer = (word: 'pays' | 'is refused'): Step => ({
  name: `the customer ${word} at Stripe`,
  isPossible: ({ payable }) => payable > 0,
  take: ({ stripe }) => toFirst(stripe.payable(), (first) => stripe.customer(first, word)),
});

export const webhook = (which: Which | 'first twice'): Step => ({
  name: `the ${which} webhook arrives`,
  isPossible: ({ webhooks }) => webhooks >= (which === 'last' ? 2 : 1),
  take: async (world) => {
    const { webhooks } = world.stripe;
    const hint = which === 'last' ? webhooks.pop() : which === 'first' ? webhooks.shift() : webhooks[0];
    if (hint) await world.hearWebhook(hint);
  },
});

async function provider(world: World, which: Which, does: 'work' | 'reply' | 'lose' | 'fail'): Promise<void> {
  const isMeant = ({ answer: done, shop }: Call) => (does === 'work' ? done === null : shop !== null);
  const call = world.stripe.calls.filter(isMeant).at(which === 'first' ? 0 : -1);
  if (call) world.stripe[does](call);
  await world.quiet();
}

/** What the provider does by itself, which takes no time here. */
function toFirst<One>([first]: readonly One[], act: (first: One) => void): Promise<void> {
  if (first !== undefined) act(first);
  return Promise.resolve();
}

async function onReserved(world: World, act: (payment: SeenPayment) => Promise<void>): Promise<void> {
  const { payments } = await world.look();
  const reserved = payments.find(isReserved);
  if (reserved) await act(reserved);
}

function mayPay({ order, payments }: Sight): boolean {
  return order === 'pending' && payments.length < PAYMENTS_MAX;
}

function requestOf({ order }: World, key = newId()): [string, ReturnType<typeof keyed>] {
  return [order.id, keyed(order.userId, key)];
}

function commandOf(paymentMethodId: string | null): PayOrder {
  return { paymentMethod: 'card', ...(paymentMethodId ? { paymentMethodId } : {}) };
}
