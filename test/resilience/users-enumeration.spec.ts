import { Agent, request as send, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PasswordHasher } from '../../src/domains/users/password-hasher.js';
import { tell } from '../support/figures.js';
import { Accounts, PASSWORD } from '../integration/users.support.js';

jest.setTimeout(300_000);

const SAMPLES = 200;
const DIFFERENCE_MAX_MS = 5;
/** A busy machine can make one round look worse than it is; a difference that is real is there in every one. */
const ROUNDS_MAX = 3;
/** They differ between any two replies. */
const VARYING = new Set(['date', 'x-request-id', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after']);

interface Answer {
  readonly status: number;
  readonly length: number;
  readonly headers: string;
  readonly ms: number;
}

interface Route {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly bodyOf: (email: string) => object;
}

const ROUTES: Readonly<Record<string, Route>> = {
  login: { method: 'POST', path: '/auth/login', bodyOf: (email) => ({ email, password: 'a wrong guess' }) },
  register: { method: 'POST', path: '/auth/register', bodyOf: (email) => ({ email, password: PASSWORD }) },
  'forgotten password': { method: 'POST', path: '/auth/forgot-password', bodyOf: (email) => ({ email }) },
  'change of address': {
    method: 'PUT',
    path: '/users/me/email',
    bodyOf: (email) => ({ email, currentPassword: PASSWORD }),
  },
};

/** What is hashed alike for everybody is hashed cheaply here; at a login the hash is what could tell, and costs what it costs. */
const CHEAP = { PASSWORD_HASH_MEMORY_KIB: '1024' };

describe.each([
  { names: ['login'], settings: {} },
  { names: ['register', 'forgotten password', 'change of address'], settings: CHEAP },
])('who has an account, asked by $names', ({ names, settings }) => {
  let accounts: Accounts;
  let token: string;
  let round = 0;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  beforeAll(async () => {
    accounts = await Accounts.start(settings);
    token = (await accounts.join('anna@example.com')).accessToken;
  });

  afterAll(async () => {
    agent.destroy();
    await accounts.stop();
  });

  /** Verified accounts, as if their owners had joined; nobody has asked anything of them yet. */
  async function known(count: number): Promise<string[]> {
    const prefix = `known-${String(++round).padStart(3, '0')}`;
    const rows = await accounts.db.query<{ email: string }>(
      `INSERT INTO users (id, email, password_hash, email_verified_at)
         SELECT gen_random_uuid(), $1 || '-' || lpad(n::text, 3, '0') || '@example.com',
                (SELECT password_hash FROM users WHERE email = 'anna@example.com'), now()
           FROM generate_series(1, $2) AS n RETURNING email`,
      [prefix, count],
    );
    return rows.map(({ email }) => email);
  }

  function ask({ method, path, bodyOf }: Route, email: string): Promise<Answer> {
    const { port } = accounts.app.getHttpServer().address() as AddressInfo;
    const body = JSON.stringify(bodyOf(email));
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      Authorization: `Bearer ${token}`,
    };
    return new Promise((resolve, reject) => {
      const begun = performance.now();
      const call = send({ host: '127.0.0.1', port, path: `/v1${path}`, method, headers, agent }, (reply) => {
        let length = 0;
        reply.on('data', (chunk: Buffer) => (length += chunk.length));
        reply.on('end', () => {
          const { statusCode: status = 0, headers: all } = reply;
          resolve({ status, length, headers: namedHeaders(all), ms: performance.now() - begun });
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  /** One after the other, known and unknown in turns, so that whatever else the machine does strikes both alike. */
  async function compare(route: Route, samples: number): Promise<{ shapes: Set<string>; differenceMs: number }> {
    const emails = await known(samples);
    const times = { known: [] as number[], unknown: [] as number[] };
    const shapes = new Set<string>();
    for (const [index, email] of emails.entries()) {
      const pair = [
        ['known', email],
        ['unknown', email.replace('known', 'other')],
      ] as const;
      for (const [kind, of] of index % 2 ? pair : [...pair].reverse()) {
        const { status, length, headers, ms } = await ask(route, of);
        shapes.add(`${status} ${length} ${headers}`);
        times[kind].push(ms);
      }
    }
    return { shapes, differenceMs: Math.abs(median(times.known) - median(times.unknown)) };
  }

  it.each(names)('cannot be told by %s', async (name) => {
    const route = ROUTES[name];
    if (!route) throw new Error(name);
    await compare(route, 5);
    const differences: number[] = [];
    do {
      const { shapes, differenceMs } = await compare(route, SAMPLES);
      expect([...shapes]).toHaveLength(1);
      differences.push(differenceMs);
    } while ((differences.at(-1) ?? 0) >= DIFFERENCE_MAX_MS && differences.length < ROUNDS_MAX);
    const figures = differences.map((ms) => ms.toFixed(2)).join(', ');
    tell('P37', `${name}: the medians of ${SAMPLES} known and ${SAMPLES} unknown differ by ${figures} ms`);
    expect(Math.min(...differences)).toBeLessThan(DIFFERENCE_MAX_MS);
  });

  if (settings === CHEAP) return;

  it('could be told if no password were looked at where there is no account (control)', async () => {
    const hasher = accounts.app.get(PasswordHasher, { strict: false });
    const verify = hasher.verify.bind(hasher);
    const hurried = jest
      .spyOn(hasher, 'verify')
      .mockImplementation((hash, password) => (hash === null ? Promise.resolve(false) : verify(hash, password)));
    const { login } = ROUTES;
    if (!login) throw new Error('no login');
    for (let n = 0; n < ROUNDS_MAX; n++) {
      const { differenceMs } = await compare(login, 20);
      expect(differenceMs).toBeGreaterThan(DIFFERENCE_MAX_MS);
    }
    hurried.mockRestore();
  });
});

function namedHeaders(headers: IncomingHttpHeaders): string {
  const fixed = Object.entries(headers).filter(([name]) => !VARYING.has(name));
  const varying = Object.keys(headers).filter((name) => VARYING.has(name));
  return JSON.stringify([fixed.sort(), varying.sort()]);
}

function median(times: readonly number[]): number {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
