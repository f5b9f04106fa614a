import type { RunningShop } from '../../../test/support/running-shop.js';
import { tampering } from '../../../test/support/tampering.js';
import type { Proof } from '../proof.js';
import type { Stage } from '../stage.js';
import { Customers } from './customers.js';
import { OwnRedis } from './own-redis.js';

const LOSSES_PER_ROUND = 5;
const BUYERS = 4;
const FROZEN_MS = 3_000;
const REPLY_MS = 2_000;
const BETWEEN_MS = 1_000;
/** A letter takes that long, so that there is always work under way. */
const MAIL_MS = 100;
const IN_FLIGHT = 3;

const LOSSES: Readonly<Record<string, (redis: OwnRedis) => Promise<unknown>>> = {
  emptied: (redis) => redis.flush(),
  'killed, and back empty': async (redis) => {
    await redis.kill();
    await pause(BETWEEN_MS);
    await redis.start();
  },
  'frozen, and awake again': async (redis) => {
    redis.freeze();
    await pause(FROZEN_MS);
    redis.thaw();
  },
};

async function run(stage: Stage): Promise<void> {
  const redis = await OwnRedis.start();
  try {
    const shop = await stage.shop({ redisUrl: redis.url });
    const customers = new Customers(stage, shop, await shop.customers(BUYERS));
    await shop.sandbox.misbehave({ op: 'mail.send', effect: 'delay', ms: MAIL_MS });
    for (let round = 0; round < stage.rounds; round += 1) {
      const shopping = customers.shopUntilCalled();
      for (const loss of lossesOf(stage)) await strike(stage, { shop, redis, loss });
      customers.callHome();
      stage.reached('purchases made meanwhile', await shopping);
      stage.note('slowest request in ms', customers.slowestMs);
      stage.expect('a request that took too long', customers.slowestMs <= REPLY_MS, `${customers.slowestMs} ms`);
      await stage.lookAtBooks(shop);
    }
  } finally {
    redis.thaw();
    await redis.kill();
  }
}

/** Each at least once a round; the dice choose the order and the others. */
function lossesOf(stage: Stage): string[] {
  const names = Object.keys(LOSSES);
  const more = Array.from({ length: LOSSES_PER_ROUND - names.length }, () => stage.pick(names));
  return stage.shuffled([...names, ...more]);
}

async function strike(
  stage: Stage,
  { shop, redis, loss }: { shop: RunningShop; redis: OwnRedis; loss: string },
): Promise<void> {
  const isInFlight = async () => {
    const [row] = await shop.query<{ open: number }>(`SELECT count(*)::integer AS open FROM event_deliveries`);
    return (row?.open ?? 0) >= IN_FLIGHT;
  };
  await shop.waitUntil(isInFlight, { what: 'work in flight' });
  await LOSSES[loss]?.(redis);
  stage.reached(`Redis ${loss}, with work in flight`);
  await pause(BETWEEN_MS);
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export const redisLoss: Proof = {
  shows: 'Redis emptied, killed and frozen with orders in flight: every order ends, each effect once, no request waits',
  promises: ['P21', 'P22'],
  rounds: { quick: 1, alone: 3 },
  covers: ['purchases made meanwhile', ...Object.keys(LOSSES).map((loss) => `Redis ${loss}, with work in flight`)],
  guards: {
    redispatch: {
      what: 'the redispatch of what nobody closed: handing work to Redis counts as done',
      seen: 'open deliveries',
      tamper: tampering.acknowledgedAtDispatch,
    },
  },
  run,
};
