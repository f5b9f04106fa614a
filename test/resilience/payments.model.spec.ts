/**
 * A model of one order with two payments, charged at once or reserved and captured, and their refunds. fast-check makes up
 * what happens, and in which order; the real services do it on a real database; the provider answers late, never, or in
 * another order. Longer than in `npm test`:
 *
 *     MODEL_RUNS=5000 MODEL_LENGTH=60 MODEL_DEPTH=6 MODEL_SEED=42 npm test -- test/resilience/payments.model.spec.ts
 *
 * MODEL_RUNS random stories of up to MODEL_LENGTH steps, of which those are left out that are not possible when their
 * turn comes, and every story of up to MODEL_DEPTH steps. The seed is in the test's name; fast-check prints the shortest
 * story that ends badly.
 */
import fc from 'fast-check';
import { tampering } from '../support/tampering.js';
import { ModelShop } from './payments.model.shop.js';
import { brokenAtRest, brokenRules } from './payments.model.rules.js';
import * as steps from './payments.model.steps.js';
import type { Step } from './payments.model.steps.js';
import { type Sight, World } from './payments.model.world.js';

jest.setTimeout(3_600_000);

const setting = (name: string, standard: number) => Number(process.env[`MODEL_${name}`] ?? standard);
const RUNS = setting('RUNS', 60);
const LENGTH = setting('LENGTH', 30);
const DEPTH = setting('DEPTH', 3);
const SEED = setting('SEED', Date.now() % 2 ** 31);
/** Within how many stories a broken guard must be found; always the same ones. */
const CONTROL_RUNS = 400;
const CONTROL_SEED = 42;

const VISA = 'pm_card_visa';
const DECLINED = 'pm_card_chargeDeclined';

/** More often here is more often there. */
const ALL: readonly Step[] = [
  ...[VISA, VISA, 'pm_card_authenticationRequired', DECLINED, DECLINED, null].map((card) => steps.payWith(card)),
  ...[VISA, VISA, 'pm_card_authenticationRequired', null].map((card) => steps.payWith(card, 'manual')),
  ...[steps.capture(600), steps.capture(), steps.capture(), steps.release, steps.lapse],
  ...[steps.die, steps.repeat, steps.cancel, steps.expire, steps.recover, steps.recover, steps.abandon, steps.fail],
  ...[steps.refund(600), steps.refund(), steps.recoverRefunds, steps.recoverRefunds, steps.bounce],
  ...[1, 11, 35].map(steps.wait),
  ...(['first', 'last'] as const).flatMap((which) => [
    steps.arrive(which),
    steps.answer(which),
    steps.answer(which),
    steps.lose(which),
    steps.webhook(which),
  ]),
  steps.webhook('first twice'),
  steps.customer('pays'),
  steps.customer('pays'),
  steps.customer('is refused'),
];

/** For every story there is: no step that another one makes up for. */
const FEW: readonly Step[] = [
  ...[steps.payWith(VISA), steps.cancel, steps.expire, steps.recover, steps.abandon, steps.wait(35)],
  ...[steps.arrive('first'), steps.answer('first'), steps.answer('last'), steps.lose('first')],
  ...[steps.webhook('first'), steps.customer('pays')],
];

const BEGINNINGS = {
  'a card': { first: steps.payWith(VISA), few: FEW },
  'a reserved card': {
    first: steps.payWith(VISA, 'manual'),
    few: [...FEW, steps.capture(600), steps.release, steps.lapse],
  },
};

/** The model is what was seen last: a step is judged against it, and chosen by it. */
interface Model {
  sight: Sight;
}

class Taken implements fc.AsyncCommand<Model, World> {
  constructor(private readonly step: Step) {}

  check({ sight }: Model): boolean {
    return this.step.isPossible(sight);
  }

  async run(model: Model, world: World): Promise<void> {
    await this.step.take(world);
    const now = await world.look();
    expect(brokenRules(world, model.sight, now)).toEqual([]);
    model.sight = now;
  }

  toString(): string {
    return this.step.name;
  }
}

interface Start {
  readonly model: Model;
  readonly real: World;
}

type Tell = (start: Start) => Promise<void>;
const FIRST = ['recovery', 'webhooks'] as const;

/** A story, and how everything comes to rest after it. What was seen when the story ended. */
async function told(shop: ModelShop, tell: Tell, first: (typeof FIRST)[number] = 'recovery'): Promise<Sight> {
  const real = await World.create(shop);
  const model: Model = { sight: await real.look() };
  try {
    await tell({ model, real });
    await real.comeToRest(first);
    const end = await real.look();
    expect([...brokenRules(real, model.sight, end), ...(await brokenAtRest(real, end))]).toEqual([]);
  } finally {
    await real.endCalls();
  }
  return model.sight;
}

function anyStory(shop: ModelShop) {
  const steps = ALL.map((step) => fc.constant(new Taken(step)));
  const stories = fc.commands(steps, { maxCommands: LENGTH, size: 'max' });
  return fc.asyncProperty(stories, fc.constantFrom(...FIRST), async (story, first) => {
    await told(shop, (start) => fc.asyncModelRun(() => Promise.resolve(start), story), first);
  });
}

/** Tells a story, and then every one that goes on from there; how many there were. */
async function everyStory(shop: ModelShop, few: readonly Step[], story: readonly Step[]): Promise<number> {
  const sight = await told(shop, async ({ model, real }) => {
    for (const step of story) await new Taken(step).run(model, real);
  }).catch((error: unknown) => {
    throw new Error(`after: ${story.map(({ name }) => name).join(', ')}`, { cause: error });
  });
  if (story.length >= DEPTH) return 1;
  let stories = 1;
  for (const step of few.filter((next) => next.isPossible(sight)))
    stories += await everyStory(shop, few, [...story, step]);
  return stories;
}

describe('an order, its payments and a provider that answers as it likes', () => {
  let shop: ModelShop;

  beforeAll(async () => {
    shop = await ModelShop.open();
  });
  afterAll(async () => {
    await shop?.close();
  });

  it(`keep their promises in ${RUNS} stories of up to ${LENGTH} steps (seed ${SEED})`, async () => {
    await fc.assert(anyStory(shop), { numRuns: RUNS, seed: SEED });
  });

  it.each(Object.entries(BEGINNINGS))(
    `keep their promises in every story of up to ${DEPTH} steps that begins with %s`,
    async (_beginning, { first, few }) => {
      expect(await everyStory(shop, few, [first])).toBeGreaterThan(DEPTH);
    },
  );
});

describe('a broken guard', () => {
  it.each([
    ['withoutOneLivePayment', 'an order has two payments that are live or succeeded'],
    ['unknownIsFailed', 'a payment is failed, and nobody said so'],
    ['cancellingLooksAway', 'a cancelled order has a payment that is live'],
    ['freshProviderKeyPerAttempt', 'a payment has two intents at the provider'],
    ['lateMoneyIsKept', 'late money is kept'],
    ['partIsTakenForWhole', 'the provider captured other money than the books say'],
    ['unknownRefundIsFailed', 'a refund is failed, and nobody said so'],
  ] as const)(`is found within ${CONTROL_RUNS} stories: %s`, async (mutant, rule) => {
    const shop = await ModelShop.open(tampering[mutant]);
    try {
      const found = await fc.check(anyStory(shop), { numRuns: CONTROL_RUNS, seed: CONTROL_SEED, endOnFailure: true });
      expect(String(found.errorInstance)).toContain(rule);
    } finally {
      await shop.close();
    }
  });
});
