import { PasswordHasher } from '../../src/domains/users/password-hasher.js';
import { Accounts, PASSWORD } from './users.support.js';

const PER_ADDRESS = 5;
const PER_ACCOUNT = 12;

describe('guessing passwords', () => {
  let accounts: Accounts;
  let verified: jest.SpyInstance;
  let email: string;
  let count = 0;

  beforeAll(async () => {
    accounts = await Accounts.start({
      LOGIN_LIMIT_PER_ACCOUNT_AND_IP: String(PER_ADDRESS),
      LOGIN_LIMIT_PER_ACCOUNT: String(PER_ACCOUNT),
      TRUST_PROXY_HOPS: '1',
    });
  });

  beforeEach(async () => {
    email = `anna-${++count}@example.com`;
    await accounts.join(email);
    await accounts.redis.flushdb();
    verified = jest.spyOn(accounts.app.get(PasswordHasher, { strict: false }), 'verify');
  });

  afterEach(() => verified.mockRestore());
  afterAll(() => accounts.stop());

  const from = (address: string, password: string, of = email) =>
    accounts.logIn(of, password).set('X-Forwarded-For', address);

  const times = (n: number, guess: (index: number) => Promise<{ status: number }>) =>
    Promise.all(Array.from({ length: n }, async (_, index) => (await guess(index)).status));

  const statuses = (all: number[]) => Object.fromEntries([401, 429].map((s) => [s, all.filter((x) => x === s).length]));

  it('is stopped at the limit, in a burst too, before the password is looked at', async () => {
    const all = await times(100, () => from('203.0.113.7', 'a guess'));
    expect(statuses(all)).toEqual({ 401: PER_ADDRESS, 429: 95 });
    expect(verified).toHaveBeenCalledTimes(PER_ADDRESS);
  });

  it('is told when to come back, and the right password does not help until then', async () => {
    await times(PER_ADDRESS, () => from('203.0.113.7', 'a guess'));
    const { body, headers } = await from('203.0.113.7', PASSWORD).expect(429);
    expect(body).toMatchObject({ code: 'too-many-requests', retryAfterSeconds: expect.any(Number) });
    expect(Number(headers['retry-after'])).toBeGreaterThan(890);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(900);
  });

  it('does not lock the owner out at another address', async () => {
    await times(50, () => from('203.0.113.7', 'a guess'));
    await from('198.51.100.1', PASSWORD).expect(200);
  });

  it('is stopped from many addresses by the limit of the account', async () => {
    const all = await times(40, (index) => from(`203.0.113.${index}`, 'a guess'));
    expect(statuses(all)).toEqual({ 401: PER_ACCOUNT, 429: 40 - PER_ACCOUNT });
    expect(verified).toHaveBeenCalledTimes(PER_ACCOUNT);
  });

  it('is one guesser, who owns a whole IPv6 network', async () => {
    const all = await times(20, (index) => from(`2001:db8:1:2::${index + 1}`, 'a guess'));
    expect(statuses(all)).toEqual({ 401: PER_ADDRESS, 429: 20 - PER_ADDRESS });
  });

  it('is not helped by addresses the client made up', async () => {
    const all = await times(20, (index) => from(`10.0.0.${index}, 203.0.113.7`, 'a guess'));
    expect(statuses(all)).toEqual({ 401: PER_ADDRESS, 429: 20 - PER_ADDRESS });
  });

  it('goes on where the owner logs in now and then, and the owner may do so all day', async () => {
    for (let n = 0; n < PER_ACCOUNT + 3; n++) await from('198.51.100.1', PASSWORD).expect(200);
    await times(PER_ADDRESS - 1, () => from('198.51.100.1', 'a typo'));
    await from('198.51.100.1', PASSWORD).expect(200);
    await times(PER_ADDRESS - 1, () => from('198.51.100.1', 'a typo'));
    await from('198.51.100.1', PASSWORD).expect(200);

    const left = PER_ACCOUNT - 2 * (PER_ADDRESS - 1);
    const all = await times(20, (index) => from(`203.0.113.${index}`, 'a guess'));
    expect(statuses(all)).toEqual({ 401: left, 429: 20 - left });
  });

  it('is counted for an account that does not exist, and costs the same there', async () => {
    const all = await times(10, () => from('203.0.113.7', 'a guess', 'nobody@example.com'));
    expect(statuses(all)).toEqual({ 401: PER_ADDRESS, 429: 5 });
    expect(verified).toHaveBeenCalledTimes(PER_ADDRESS);
    expect(verified).toHaveBeenCalledWith(null, 'a guess');
  });

  it('leaves no address in Redis', async () => {
    await from('203.0.113.7', 'a guess').expect(401);
    const keys = await accounts.redis.keys('purser:limit:*');
    expect(keys.filter((key) => key.includes('login:'))).toHaveLength(2);
    expect(keys.join()).not.toContain('anna');
  });
});

describe('a flood of logins', () => {
  let accounts: Accounts;

  beforeAll(async () => {
    accounts = await Accounts.start({ PASSWORD_HASH_CONCURRENCY: '1', PASSWORD_HASH_QUEUE_MAX: '3' });
    await accounts.join('anna@example.com');
  });

  afterAll(() => accounts.stop());

  it('is answered 503 beyond the queue, at once, and counts nobody’s attempt', async () => {
    const all = await Promise.all(Array.from({ length: 30 }, () => accounts.logIn('anna@example.com', 'a guess')));
    const counted = all.filter(({ status }) => status === 401).length;
    expect(counted).toBeGreaterThanOrEqual(4);
    expect(counted).toBeLessThan(20);
    const refused = all.filter(({ status }) => status === 503);
    expect(refused).toHaveLength(30 - counted);
    expect(refused[0]?.body).toMatchObject({ code: 'service-unavailable' });
    expect(refused[0]?.headers['retry-after']).toBe('2');

    const [near, far] = await accounts.redis.mget(await accounts.redis.keys('purser:limit:*login:*'));
    expect([near, far]).toEqual([String(counted), String(counted)]);
    await accounts.session('anna@example.com');
  });
});
