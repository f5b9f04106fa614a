import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { kindsIn } from '../../tools/local/leaks.mjs';
import { newKey } from '../support/client.js';
import { tell } from '../support/figures.js';
import { logFolder } from '../support/log-folder.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { WEBHOOK_SECRET } from '../support/shop-environment.js';
import { STRIPE_KEY } from '../support/sandbox.js';

jest.setTimeout(120_000);

const EMAIL = 'canary-owner-5b1f@shop.example';
const PASSWORD = 'canary-5b1f77aa password';
const CARD = '4242424242424242';
const PLANTED = {
  email: EMAIL,
  password: PASSWORD,
  wrongPassword: 'canary-0c0ffee0 wrong',
  token: 'canary-deadbeef-token',
  card: CARD,
  header: 'canary-ab12cd34-header',
  query: 'canary-99887766-query',
  stripe: STRIPE_KEY,
  webhook: WEBHOOK_SECRET,
};

/** Rows that are kept of what happened, and that nobody may look for a person or a secret in. */
const TABLES = [
  'events',
  'event_deliveries',
  'provider_calls',
  'webhook_inbox',
  'payments',
  'refunds',
  'idempotency_keys',
];

let shop: RunningShop;
let planted: Record<string, string>;

beforeAll(async () => {
  shop = await startShop();
  planted = { ...PLANTED, ...(await live()) };
  await plantEverywhere();
  await shop.quiet();
});

afterAll(() => shop?.stop());

/** Somebody's whole life in the shop; the tokens it was given. */
async function live(): Promise<Record<string, string>> {
  const { visitor } = shop;
  await visitor.post('/v1/auth/register', { body: { email: EMAIL, password: PASSWORD, displayName: 'Canary' } });
  const letter = await shop.waitUntil(async () => (await shop.sandbox.messages(EMAIL)).at(-1), { what: 'the letter' });
  const link = /token=([^\s"&<]+)/.exec(letter.text)?.[1] ?? '';
  await visitor.post('/v1/auth/verify-email', { body: { token: link } });
  const login = await visitor.post('/v1/auth/login', { body: { email: EMAIL, password: PASSWORD } });
  const tokens = login.body as unknown as { accessToken: string; refreshToken: string };
  await visitor.post('/v1/auth/refresh', { body: { refreshToken: tokens.refreshToken } });
  const owner = await shop.as(EMAIL, PASSWORD);
  const order = await shop.order(owner);
  await owner.pay(order.id, { returnUrl: 'https://shop.example/back' });
  await owner.pay((await shop.order(owner)).id, { card: 'pm_card_visa_chargeDeclined' });
  return { mailedLink: link, accessToken: tokens.accessToken, refreshToken: tokens.refreshToken };
}

/** The canaries wherever a request has a place for them, in requests that fail in every way. */
async function plantEverywhere(): Promise<void> {
  const { visitor } = shop;
  const owner = await shop.as(EMAIL, PASSWORD);
  const headers = {
    authorization: `Bearer ${PLANTED.token}`,
    'x-api-key': PLANTED.header,
    cookie: `session=${PLANTED.header}`,
    'x-forwarded-for': PLANTED.header,
    'user-agent': `Agent ${EMAIL} ${PLANTED.header}`,
    referer: `https://shop.example/?email=${EMAIL}&token=${PLANTED.query}`,
  };
  const everything = { ...PLANTED, nested: [PLANTED] };
  await visitor.post('/v1/auth/login', { body: { email: EMAIL, password: PLANTED.wrongPassword }, headers });
  await visitor.post('/v1/auth/login', { body: everything, headers });
  await visitor.post('/v1/auth/login', { raw: `{"email":"${EMAIL}","password":"${PASSWORD}"`, headers });
  await visitor.post('/v1/auth/verify-email', { body: { token: PLANTED.token }, headers });
  await visitor.post('/v1/auth/refresh', { body: { refreshToken: PLANTED.token }, headers });
  for (const path of ['/v1/users/me', `/v1/nowhere/${EMAIL}`, `/v1/products/${CARD}`, '/v1/orders', '/v1/%E0%A4%A']) {
    await visitor.get(`${path}?email=${EMAIL}&token=${PLANTED.query}&card=${CARD}`, { headers });
    await owner.get(`${path}?email=${EMAIL}&token=${PLANTED.query}&card=${CARD}`);
  }
  const { id } = await shop.order(owner);
  await owner.post(`/v1/orders/${id}/payments`, { key: newKey(), body: { paymentMethod: 'card', cardNumber: CARD } });
  await owner.post(`/v1/orders/${id}/payments`, {
    key: newKey(),
    body: { paymentMethod: 'card', paymentMethodId: CARD, returnUrl: `https://${EMAIL}/?token=${PLANTED.query}` },
  });
  await visitor.post('/v1/webhooks/stripe', {
    raw: JSON.stringify(everything),
    headers: { 'stripe-signature': PLANTED.token },
  });
  // A provider that repeats to us what it was sent, and one that is not there.
  await shop.sandbox.misbehave({ op: 'payment_intents.create', effect: 'status', status: 500, times: 2 });
  await owner.pay(id);
  await shop.sandbox.misbehave({ op: 'mail.send', effect: 'status', status: 500, times: 1 });
  await owner.place([{ productId: (await shop.product()).id, quantity: 1 }]);
}

/** Which canaries, and what else that looks like a secret, this text holds. */
function foundIn(text: string): string[] {
  const names = Object.entries(planted).flatMap(([name, value]) => (text.includes(value) ? [name] : []));
  return [...names, ...kindsIn(text)];
}

async function everythingInRedis(): Promise<string> {
  const redis = new Redis(shop.redisUrl);
  try {
    const texts = [];
    for (const key of await redis.keys('*')) {
      const kind = await redis.type(key);
      const read: Record<string, () => Promise<unknown>> = {
        string: () => redis.get(key),
        hash: () => redis.hgetall(key),
        list: () => redis.lrange(key, 0, -1),
        set: () => redis.smembers(key),
        zset: () => redis.zrange(key, 0, -1),
        stream: () => redis.xrange(key, '-', '+'),
      };
      texts.push(`${key} ${JSON.stringify(await read[kind]?.())}`);
    }
    return texts.join('\n');
  } finally {
    redis.disconnect();
  }
}

function logsOfOurs(): { file: string; text: string }[] {
  return ['web-1.log', 'worker-1.log'].map((file) => ({ file, text: readFileSync(`${logFolder(1)}/${file}`, 'utf8') }));
}

describe('Nothing that was planted', () => {
  it('stands in a log', () => {
    const lines = logsOfOurs().flatMap(({ file, text }) => text.split('\n').map((line) => ({ file, line })));
    const leaks = lines.flatMap(({ file, line }) =>
      foundIn(line).map((what) => `${file}: ${what} in ${line.slice(0, 200)}`),
    );
    tell('P47', `${Object.keys(planted).length} canaries, ${lines.length} lines of log, ${leaks.length} hits`);
    expect(leaks).toEqual([]);
    expect(lines.length).toBeGreaterThan(50);
  });

  it('lies in Redis', async () => {
    const text = await everythingInRedis();
    expect(text).toContain('purser:');
    expect(foundIn(text)).toEqual([]);
  });

  it.each(TABLES)('is kept in %s', async (table) => {
    const rows = await shop.query<{ text: string }>(`SELECT row_to_json(t)::text AS text FROM ${table} AS t`);
    expect(rows.flatMap(({ text }) => foundIn(text).map((what) => `${what} in ${text.slice(0, 300)}`))).toEqual([]);
  });

  it('is needed to follow somebody: every login is known by its user', async () => {
    const [user] = await shop.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [EMAIL]);
    const told = logsOfOurs().some(({ text }) => text.includes(`"userId":"${user?.id}"`));
    expect(told).toBe(true);
    const sessions = await shop.query('SELECT 1 FROM events WHERE payload::text LIKE $1', [`%${user?.id}%`]);
    expect(sessions.length).toBeGreaterThan(0);
  });
});

it('would be found where it is not hidden (control)', async () => {
  for (const [name, value] of Object.entries(planted)) {
    expect(foundIn(`{"level":"INFO","message":"a line","detail":"${value}"}`)).toContain(name);
  }
  // The one place that has to know an address knows it.
  const [user] = await shop.query<{ text: string }>(
    'SELECT row_to_json(u)::text AS text FROM users AS u WHERE email = $1',
    [EMAIL],
  );
  expect(foundIn(user?.text ?? '')).toEqual(expect.arrayContaining(['email', 'an e-mail address', 'a password hash']));
});
