import { percentile } from '../../../test/support/figures.js';
import type { Reply } from '../../../test/support/client.js';
import type { RunningShop } from '../../../test/support/running-shop.js';
import type { Proof } from '../proof.js';
import { OwnRedis } from '../redis/own-redis.js';
import type { Stage } from '../stage.js';

const LIMIT = 100;
const GUESSES_LOOKED_AT = 5;
const FORGERIES = 500;
const GUESSES = 100;
const LOGINS = 200;
const AT_ONCE = 25;
const LOOKS = 200;
const ROUTES = ['/v1/products', '/v1/products?limit=3', '/v1/orders', '/v1/nowhere'];
/** A machine that is busy with all of this at once is no outage of Redis; a Redis that is gone refuses at once. */
const PATIENCE_MS = '5000';
const LIVE_P99_MS = 200;
/** Below this nobody notices, and a machine that does something else decides. */
const OTHERS_FLOOR_MS = 100;
const WRONG = 'a guess that is wrong';

/** The proxy in front appends whom it heard; what stands before it is the client's own invention. */
const forwarded = (client: string, forged?: string) => ({
  'x-forwarded-for': forged === undefined ? client : `${forged}, ${client}`,
});

/** Addresses nobody has used yet, so that every part of a round has its own windows. */
class Addresses {
  private last = 0;

  next(): string {
    this.last += 1;
    return `10.${this.last >> 16}.${(this.last >> 8) & 255}.${this.last & 255}`;
  }
}

async function run(stage: Stage): Promise<void> {
  const redis = await OwnRedis.start();
  try {
    const env = { TRUST_PROXY_HOPS: '1', RATE_LIMIT_PER_MINUTE: String(LIMIT), REDIS_COMMAND_TIMEOUT_MS: PATIENCE_MS };
    const shop = await stage.shop({ redisUrl: redis.url, env });
    const scene = { stage, shop, addresses: new Addresses() };
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

interface Scene {
  readonly stage: Stage;
  readonly shop: RunningShop;
  readonly addresses: Addresses;
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

async function guessPasswords({ stage, shop, addresses }: Scene, { servers, what }: Part): Promise<void> {
  const client = addresses.next();
  const email = `guessed-${client}@purser.test`;
  const guesses = Array.from({ length: GUESSES }, (_, index) => logIn(shop, { email, client, web: index }));
  const replies = await Promise.all(guesses);
  // Only who looked at a password can say that it is wrong.
  const looked = replies.filter(({ status }) => status === 401).length;
  stage.reached(what, replies.length);
  stage.note(`${what}: looked at`, looked);
  stage.expect('more guesses looked at than allowed', looked <= servers * GUESSES_LOOKED_AT, `${looked}`);
  expectNoErrors(stage, replies);
}

async function floodLogins({ stage, shop, addresses }: Scene): Promise<void> {
  const baseline = await looking(shop, addresses, () => false);
  let isOver = false;
  const flood = Promise.all(
    Array.from({ length: LOGINS }, (_, index) => {
      const client = addresses.next();
      return logIn(shop, { email: `flood-${index}-${client}@purser.test`, client, web: 0 });
    }),
  ).finally(() => (isOver = true));
  const meanwhile = await looking(shop, addresses, () => isOver);
  const replies = await flood;
  const [away, others] = [
    replies.filter(({ status }) => status === 503),
    replies.filter(({ status }) => status !== 503),
  ];
  const allowedMs = Math.max(2 * percentile(baseline.others, 0.95), OTHERS_FLOOR_MS);
  const [p95, p99] = [percentile(meanwhile.others, 0.95), percentile(meanwhile.live, 0.99)];
  stage.reached('logins at once', replies.length);
  stage.note('logins turned away', away.length);
  stage.note('p95 of others in peace, ms', percentile(baseline.others, 0.95));
  stage.note('p95 of others in the flood, ms', p95);
  stage.note('p99 of /health/live in the flood, ms', p99);
  stage.expect('nobody was turned away', away.length > 0, `${others.length} were kept waiting`);
  stage.expect(
    'turned away without Retry-After',
    away.every(({ headers }) => headers.has('retry-after')),
    'a login',
  );
  stage.expect(
    'an answer that is none',
    others.every(({ status }) => status === 401),
    String(others[0]?.status),
  );
  stage.expect('others had to wait', p95 <= allowedMs, `${p95.toFixed(0)} ms, allowed ${allowedMs.toFixed(0)}`);
  stage.expect('probes had to wait', p99 <= LIVE_P99_MS, `${p99.toFixed(0)} ms`);
}

/** How long other requests take: until it is over, or a number of them. */
async function looking(shop: RunningShop, addresses: Addresses, isOver: () => boolean) {
  const times = { others: [] as number[], live: [] as number[] };
  const timed = async (path: string) => {
    const began = performance.now();
    await shop.visitor.get(path, { headers: forwarded(addresses.next()) });
    return performance.now() - began;
  };
  for (let count = 0; count < LOOKS && !isOver(); count += 1) {
    times.others.push(await timed('/v1/products'));
    times.live.push(await timed('/health/live'));
  }
  return times;
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

function logIn(shop: RunningShop, { email, client, web }: { email: string; client: string; web: number }) {
  return shop.visitor.post('/v1/auth/login', {
    body: { email, password: WRONG },
    headers: forwarded(client),
    web: web % shop.webs.length,
  });
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
  },
  run,
};
