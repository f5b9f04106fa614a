import type { Reply } from '../../../test/support/client.js';
import type { Proof } from '../proof.js';
import { OwnRedis } from '../redis/own-redis.js';
import type { Stage } from '../stage.js';
import { floodLogins } from './login-flood.js';
import { Addresses, forwarded, logIn, type Scene } from './scene.js';

const LIMIT = 100;
const GUESSES_LOOKED_AT = 5;
const FORGERIES = 500;
const GUESSES = 100;
const AT_ONCE = 25;
const ROUTES = ['/v1/products', '/v1/products?limit=3', '/v1/orders', '/v1/nowhere'];
/** A machine that is busy with all of this at once is no outage of Redis; a Redis that is gone refuses at once. */
const PATIENCE_MS = '5000';

async function run(stage: Stage): Promise<void> {
  const redis = await OwnRedis.start();
  try {
    const env = { TRUST_PROXY_HOPS: '1', RATE_LIMIT_PER_MINUTE: String(LIMIT), REDIS_COMMAND_TIMEOUT_MS: PATIENCE_MS };
    const shop = await stage.shop({ redisUrl: redis.url, env });
    const scene: Scene = { stage, shop, addresses: new Addresses() };
    for (let round = 0; round < stage.rounds; round += 1) {
      await forgeAddresses(scene, { servers: 1, what: 'forged addresses over all servers' });
      await guessPasswords(scene, { servers: 1, what: 'guesses at once' });
      await floodLogins(scene);
      await redis.kill();
      await forgeAddresses(scene, { servers: shop.webs.length, what: 'forged addresses without Redis' });
      await guessPasswords(scene, { servers: shop.webs.length, what: 'guesses without Redis' });
      await redis.start();
      await untilShared(scene);
    }
  } finally {
    await redis.kill();
  }
}

interface Part {
  /** How many count on their own: all together, or each alone while there is no Redis. */
  readonly servers: number;
  readonly what: string;
}

/** That many requests through all servers in turn, some at a time. */
async function inTurn(count: number, ask: (index: number) => Promise<Reply>): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, offset) => ask(from + offset));
    replies.push(...(await Promise.all(batch)));
  }
  return replies;
}

async function forgeAddresses({ stage, shop, addresses }: Scene, { servers, what }: Part): Promise<void> {
  const client = addresses.next();
  const forged = Array.from({ length: FORGERIES }, () => addresses.next());
  const replies = await inTurn(FORGERIES, (index) =>
    shop.visitor.get(ROUTES[index % ROUTES.length]!, {
      web: index % shop.webs.length,
      headers: forwarded(client, forged[index]),
    }),
  );
  const passed = replies.filter(({ status }) => status !== 429).length;
  const told = replies.filter(({ status, headers }) => status === 429 && Number(headers.get('retry-after')) > 0);
  stage.reached(what, replies.length);
  stage.note(`${what}: let in`, passed);
  stage.expect('more requests than the limit', passed <= servers * LIMIT, `${passed} of ${FORGERIES}`);
  stage.expect('fewer requests than the limit', passed >= LIMIT, `${passed} of ${FORGERIES}`);
  stage.expect('a refusal without Retry-After', told.length === FORGERIES - passed, what);
  expectNoErrors(stage, replies);
}

async function guessPasswords(scene: Scene, { servers, what }: Part): Promise<void> {
  const { stage, addresses } = scene;
  const client = addresses.next();
  const email = `guessed-${client}@purser.test`;
  const guesses = Array.from({ length: GUESSES }, (_, index) => logIn(scene, { email, client, web: index }));
  const replies = await Promise.all(guesses);
  // Only who looked at a password can say that it is wrong.
  const looked = replies.filter(({ status }) => status === 401).length;
  stage.reached(what, replies.length);
  stage.note(`${what}: looked at`, looked);
  stage.expect('more guesses looked at than allowed', looked <= servers * GUESSES_LOOKED_AT, `${looked}`);
  expectNoErrors(stage, replies);
}

/** When Redis is back, every server counts in it again. */
async function untilShared({ stage, shop, addresses }: Scene): Promise<void> {
  const isShared = async () => {
    const headers = forwarded(addresses.next());
    const replies = [];
    for (const web of shop.webs.keys()) replies.push(await shop.visitor.get('/v1/products', { web, headers }));
    return Number(replies.at(-1)?.headers.get('ratelimit-remaining')) === LIMIT - shop.webs.length;
  };
  await shop.waitUntil(isShared, { what: 'the count to be shared again' });
  stage.reached('the count is shared again');
}

/** 503 is an answer of somebody who is busy; nothing else above 499 is. */
function expectNoErrors(stage: Stage, replies: readonly Reply[]): void {
  const errors = replies.filter(({ status }) => status === 0 || (status >= 500 && status !== 503));
  for (const { status, text } of errors) stage.violated('an error of ours', `${status} ${text}`);
}

export const gate: Proof = {
  shows:
    'forged addresses, guessed passwords and a flood of logins, with Redis and without: limits hold and others are served',
  promises: ['P36', 'P38', 'P42'],
  rounds: { quick: 1, alone: 3 },
  covers: [
    'forged addresses over all servers',
    'guesses at once',
    'logins at once',
    'forged addresses without Redis',
    'guesses without Redis',
    'the count is shared again',
  ],
  guards: {
    hops: {
      what: 'the exact number of proxies: one too many is believed',
      seen: 'more requests than the limit',
      env: { TRUST_PROXY_HOPS: '2' },
    },
    'login-limits': {
      what: 'the limits of failed logins',
      seen: 'more guesses looked at than allowed',
      env: { LOGIN_LIMIT_PER_ACCOUNT_AND_IP: '100000', LOGIN_LIMIT_PER_ACCOUNT: '100000' },
    },
    queue: {
      what: 'the bound of the queue before the hashes',
      seen: 'nobody was turned away',
      env: { PASSWORD_HASH_QUEUE_MAX: '100000' },
    },
    concurrency: {
      what: 'the few threads that hash',
      seen: 'others had to wait',
      env: { PASSWORD_HASH_CONCURRENCY: '32' },
    },
  },
  run,
};
