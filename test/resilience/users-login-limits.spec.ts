import { PasswordHasher } from '../../src/domains/users/password-hasher.js';
import { tell } from '../support/figures.js';
import { Accounts, PASSWORD } from '../integration/users.support.js';

const PER_ADDRESS = 5;
const PER_ACCOUNT = 20;
const PER_IP = 100;
const ACCOUNTS = 1_000;
const AT_ONCE = 50;

describe('guessing passwords', () => {
  let accounts: Accounts;
  let verified: jest.SpyInstance;
  let email: string;
  let count = 0;

  beforeAll(async () => {
    accounts = await Accounts.start({
      PASSWORD_HASH_MEMORY_KIB: '1024',
      LOGIN_LIMIT_PER_ACCOUNT_AND_IP: String(PER_ADDRESS),
      LOGIN_LIMIT_PER_ACCOUNT: String(PER_ACCOUNT),
      RATE_LIMIT_LOGIN_PER_HOUR: String(PER_IP),
      TRUST_PROXY_HOPS: '1',
      PASSWORD_HASH_QUEUE_MAX: '1000',
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

  /** Whose owners were told, in order; null for an address nobody has. */
  async function throttled(): Promise<(string | null)[]> {
    const rows = await accounts.db.query<{ userId: string | null }>(
      `SELECT payload ->> 'userId' AS "userId" FROM events WHERE name = 'user.logins-throttled' ORDER BY id`,
    );
    return rows.map(({ userId }) => userId);
  }

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

  it('is stopped with one password for a thousand accounts, by the limit of the address', async () => {
    const all: number[] = [];
    for (let begun = 0; begun < ACCOUNTS; begun += AT_ONCE) {
      const guess = (n: number) => from(`10.0.0.${n}, 203.0.113.7`, 'password1', `${begun + n}-${email}`);
      all.push(...(await times(AT_ONCE, guess)));
    }
    expect(statuses(all)).toEqual({ 401: PER_IP, 429: ACCOUNTS - PER_IP });
    expect(verified).toHaveBeenCalledTimes(PER_IP);
    tell('P36', `one password for ${ACCOUNTS} accounts: ${PER_IP} were looked at`);
  });

  it('is told to the owner, once, when nobody may guess any more', async () => {
    const before = await throttled();
    await times(2 * PER_ACCOUNT, (index) => from(`203.0.113.${index}`, 'a guess'));
    expect((await throttled()).slice(before.length)).toEqual([await accounts.idOf(email)]);
    await times(2 * PER_ACCOUNT, (index) => from(`203.0.113.${index}`, 'a guess', 'nobody@example.com'));
    expect((await throttled()).slice(before.length + 1)).toEqual([null]);
  });

  it('leaves no address in Redis', async () => {
    await from('203.0.113.7', 'a guess').expect(401);
    const keys = await accounts.redis.keys('purser:limit:*');
    expect(keys.filter((key) => key.includes('login:'))).toHaveLength(2);
    expect(keys.join()).not.toContain('anna');
  });
});

describe('a device that somebody has logged in from', () => {
  const [owner, email] = ['198.51.100.1', 'anna@example.com'];
  let accounts: Accounts;
  let cookie: string;

  beforeAll(async () => {
    accounts = await Accounts.start({
      PASSWORD_HASH_MEMORY_KIB: '1024',
      LOGIN_LIMIT_PER_ACCOUNT_AND_IP: String(PER_ADDRESS),
      LOGIN_LIMIT_PER_ACCOUNT: String(PER_ACCOUNT),
      TRUST_PROXY_HOPS: '1',
    });
    await accounts.join(email);
    await accounts.join('ben@example.com');
  });

  beforeEach(async () => {
    await accounts.redis.flushdb();
    cookie = await cookieOf(email);
    // Everything that strangers may try is tried, also at the owner's own address.
    for (let index = 0; index < PER_ACCOUNT; index++) await from(`203.0.113.${index}`, 'a guess');
    for (let n = 0; n <= PER_ADDRESS; n++) await from(owner, 'a guess');
  });

  afterAll(() => accounts.stop());

  const from = (address: string, password: string, device?: string) => {
    const call = accounts.logIn(email, password).set('X-Forwarded-For', address);
    return device === undefined ? call : call.set('Cookie', `theme=dark; ${device}`);
  };

  async function cookieOf(of: string): Promise<string> {
    const { headers } = await accounts.logIn(of).set('X-Forwarded-For', owner).expect(200);
    const [set = ''] = headers['set-cookie'] as unknown as string[];
    expect(set).toMatch(
      /^__Host-purser-device=[\w.-]+; Max-Age=7776000; Path=\/; Expires=.*; HttpOnly; Secure; SameSite=Strict$/,
    );
    return set.split(';')[0] ?? '';
  }

  it('lets the owner in while strangers are kept out', async () => {
    await from(owner, PASSWORD).expect(429);
    await from('192.0.2.1', PASSWORD).expect(429);
    await from(owner, PASSWORD, cookie).expect(200);
    await from('192.0.2.1', PASSWORD, cookie).expect(200);
  });

  it('may be guessed from as seldom as from any other place', async () => {
    for (let n = 0; n < PER_ADDRESS; n++) await from(owner, 'a typo', cookie).expect(401);
    await from(owner, PASSWORD, cookie).expect(429);
    await from('192.0.2.1', PASSWORD, cookie).expect(429);
  });

  it('is not one that knows another account, nor one that says so itself', async () => {
    const [name = '', value = ''] = cookie.split('=');
    const [id = '', expiry = '', mac = ''] = value.split('.');
    const forged = [await cookieOf('ben@example.com'), `${name}=`, `${name}=${id}.${Number(expiry) + 1}.${mac}`];
    const crafted = [`${name}=${id}.1000000000.${mac}`, `${name}=x${value}`, `x-${cookie}`];
    for (const device of [...forged, ...crafted]) await from(owner, PASSWORD, device).expect(429);
  });
});

describe('without limits (control)', () => {
  it('every guess is looked at', async () => {
    const accounts = await Accounts.start();
    try {
      await accounts.join('anna@example.com');
      const verified = jest.spyOn(accounts.app.get(PasswordHasher, { strict: false }), 'verify');
      await Promise.all(Array.from({ length: 40 }, () => accounts.logIn('anna@example.com', 'a guess')));
      expect(verified).toHaveBeenCalledTimes(40);
    } finally {
      await accounts.stop();
    }
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

    const buckets = await accounts.redis.mget(await accounts.redis.keys('purser:limit:*login:*'));
    expect(buckets).toEqual([String(counted), String(counted)]);
    await accounts.session('anna@example.com');
  });
});
