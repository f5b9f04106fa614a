import type { Reply } from '../support/client.js';
import { newKey } from '../support/client.js';
import { Gate, type Person } from '../integration/gate.support.js';
import { emptyRedis } from '../integration/problem.support.js';

jest.setTimeout(60_000);

const USER_LIMIT = 20;
const STRICT_LIMIT = 3;
const ADDRESS_LIMIT = 1_000;
const NOBODYS_ID = '0190a1b2-0000-7000-8000-00000000dead';
const LIMITS = {
  TRUST_PROXY_HOPS: '1',
  RATE_LIMIT_PER_MINUTE: String(ADDRESS_LIMIT),
  RATE_LIMIT_PER_USER_PER_MINUTE: String(USER_LIMIT),
  RATE_LIMIT_LOGIN_PER_HOUR: String(STRICT_LIMIT),
  RATE_LIMIT_REGISTER_PER_HOUR: String(STRICT_LIMIT),
  RATE_LIMIT_MAIL_TOKEN_PER_HOUR: String(STRICT_LIMIT),
  RATE_LIMIT_PAYMENT_PER_MINUTE: String(STRICT_LIMIT),
};

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
const refused = (replies: readonly Reply[]) => replies.filter(({ status }) => status === 429);

function toldBy({ headers }: Reply) {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) => headers.get(`ratelimit-${name}`));
  return { limit, remaining, reset, retryAfter: headers.get('retry-after') };
}

let gate: Gate;

afterEach(() => gate.close());

/** Each from an address of its own, through all servers in turn, a few at a time. */
async function times(count: number, ask: (index: number) => Promise<Reply>): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let index = 0; index < count; index += 5) {
    const batch = Array.from({ length: Math.min(5, count - index) }, (_, offset) => ask(index + offset));
    replies.push(...(await Promise.all(batch)));
  }
  return replies;
}

const everywhere = ({ client }: Person, count: number, path = '/v1/users/me') =>
  times(count, (index) => client.get(path, { web: index % gate.servers.length, ...from(`203.0.113.${index}`) }));

describe('What one user may', () => {
  it('is counted once for all addresses and servers, and is nobody else’s', async () => {
    gate = await Gate.open({ servers: 2, env: LIMITS });
    const [anna, ben] = [await gate.person(), await gate.person()];
    const replies = await everywhere(anna, 3 * USER_LIMIT);

    expect(refused(replies)).toHaveLength(2 * USER_LIMIT);
    for (const reply of refused(replies)) {
      expect(reply.body.code).toBe('too-many-requests');
      const { retryAfter, reset, ...told } = toldBy(reply);
      expect(told).toEqual({ limit: String(USER_LIMIT), remaining: '0' });
      expect([Number(retryAfter) > 0, retryAfter]).toEqual([true, reset]);
    }
    expect(refused(await everywhere(ben, USER_LIMIT))).toEqual([]);
    const outside = await gate.visitor.get('/v1/products', from('203.0.113.1'));
    expect(outside.status).toBe(200);
  });

  it('has no end when nobody counts users (control)', async () => {
    gate = await Gate.open({ servers: 2, env: { ...LIMITS, RATE_LIMIT_PER_USER_PER_MINUTE: '1000000' } });
    expect(refused(await everywhere(await gate.person(), 3 * USER_LIMIT))).toEqual([]);
  });

  it('is told before it is used up, as the tightest of all limits', async () => {
    gate = await Gate.open({ env: LIMITS });
    const [first, second] = await everywhere(await gate.person(), 2);
    const told = [first!, second!].map((reply) => toldBy(reply).remaining).sort();
    expect(told).toEqual([String(USER_LIMIT - 2), String(USER_LIMIT - 1)]);
    expect(toldBy(first!)).toMatchObject({ limit: String(USER_LIMIT), retryAfter: null });
  });

  it('is held by each server alone while there is no Redis', async () => {
    gate = await Gate.open({ servers: 2, env: { ...LIMITS, REDIS_URL: 'redis://127.0.0.1:1' } });
    const replies = await everywhere(await gate.person(), 3 * USER_LIMIT);
    expect(refused(replies)).toHaveLength(USER_LIMIT);
    expect(replies.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('costs a known user no round trip of its own', async () => {
    gate = await Gate.open({ env: LIMITS });
    const { client } = await gate.person();
    await client.get('/v1/orders');
    // A second time, so that nothing of the first is still to be written.
    await client.get('/v1/orders');
    const written = jest.spyOn(gate.redis.stream, 'write');
    await client.get(`/v1/orders/${NOBODYS_ID}`);
    const writes = written.mock.calls.map(([text]) => String(text));
    written.mockRestore();
    expect(writes).toHaveLength(1);
    expect(writes[0]).toMatch(/purser:limit:\{address:[^]*purser:limit:\{user:|purser:limit:\{user:[^]*\{address:/);
  });
});

describe('A strict door', () => {
  type Door = readonly [path: string, body: object, status: number];

  const DOORS: readonly Door[] = [
    ['/v1/auth/login', { email: 'nobody@example.com', password: 'a guess at it' }, 401],
    ['/v1/auth/register', { email: 'somebody@example.com', password: 'correct horse battery' }, 202],
    ['/v1/auth/verify-email', { token: 'x.y.z' }, 400],
  ];

  const knock = ([path, body]: Door, address: string, web = 0) =>
    gate.visitor.post(path, { body, web, ...from(address) });

  it.each(DOORS)('%s takes few from one address, whichever server is asked', async (...door) => {
    const status = door[2];
    gate = await Gate.open({ servers: 2, env: { ...LIMITS, LOGIN_LIMIT_PER_ACCOUNT_AND_IP: '1000' } });
    const replies = await times(4 * STRICT_LIMIT, (index) => knock(door, '203.0.113.7', index % 2));

    expect(replies.filter((reply) => reply.status === status)).toHaveLength(STRICT_LIMIT);
    expect(refused(replies)).toHaveLength(3 * STRICT_LIMIT);
    for (const reply of refused(replies)) {
      expect(toldBy(reply)).toMatchObject({ limit: String(STRICT_LIMIT), remaining: '0' });
      expect(Number(toldBy(reply).retryAfter)).toBeGreaterThan(3_000);
    }
    expect((await knock(door, '203.0.113.8')).status).toBe(status);
    expect((await gate.visitor.get('/v1/products', from('203.0.113.7'))).status).toBe(200);
  });

  it('for payments counts the address and, wherever he is, the user', async () => {
    gate = await Gate.open({ env: LIMITS });
    const [anna, ben] = [await gate.person(), await gate.person()];
    const pay = ({ client }: Person, address: string) =>
      client.post(`/v1/orders/${NOBODYS_ID}/payments`, {
        key: newKey(),
        body: { paymentMethod: 'card', paymentMethodId: 'pm_card_visa' },
        ...from(address),
      });
    const roaming = await times(2 * STRICT_LIMIT, (index) => pay(anna, `203.0.113.${index}`));
    expect(refused(roaming)).toHaveLength(STRICT_LIMIT);
    expect(roaming.filter(({ status }) => status === 404)).toHaveLength(STRICT_LIMIT);

    expect((await pay(ben, '203.0.113.200')).status).toBe(404);
    const [carol, dave] = [await gate.person(), await gate.person()];
    const shared = [ben, carol, dave, carol].map((person) => pay(person, '198.51.100.1'));
    expect(refused(await Promise.all(shared))).toHaveLength(1);
  });

  it('is as wide as any other when its limit is raised (control)', async () => {
    gate = await Gate.open({ env: { ...LIMITS, RATE_LIMIT_REGISTER_PER_HOUR: '1000' } });
    expect(refused(await times(4 * STRICT_LIMIT, () => knock(DOORS[1]!, '203.0.113.7')))).toEqual([]);
  });

  it('stays as narrow while there is no Redis', async () => {
    gate = await Gate.open({ env: { ...LIMITS, REDIS_URL: 'redis://127.0.0.1:1' } });
    const replies = await times(4 * STRICT_LIMIT, () => knock(DOORS[2]!, '203.0.113.7'));
    expect(refused(replies)).toHaveLength(3 * STRICT_LIMIT);
    await emptyRedis();
  });
});
