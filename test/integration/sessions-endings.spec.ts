import { randomUUID } from 'node:crypto';
import { AccountStandingService } from '../../src/domains/users/standing/account-standing.service.js';
import { SessionsService } from '../../src/domains/users/sessions/sessions.service.js';
import { SessionCopies } from '../../src/platform/auth/session-copies.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { tell } from '../support/figures.js';
import { waitUntil } from '../support/wait.js';
import { Accounts, PASSWORD, type Tokens } from './users.support.js';

const NEW_PASSWORD = 'a new horse, another battery';

type Session = Tokens & { userId: string; sessionId: string };

/** Everything that ends sessions. `stolen` is one of two of the same user, and never the one that asks. */
const ENDINGS: Readonly<Record<string, (accounts: Accounts, asks: Session, stolen: Session) => Promise<unknown>>> = {
  logout: (accounts, _asks, stolen) => accounts.call('post', '/auth/logout', stolen.accessToken).expect(204),
  'the end of one': (accounts, asks, stolen) =>
    accounts.call('delete', `/users/me/sessions/${stolen.sessionId}`, asks.accessToken).expect(204),
  'the end of all': (accounts, asks) => accounts.call('delete', '/users/me/sessions', asks.accessToken).expect(204),
  'a change of password': (accounts, asks) =>
    accounts
      .call('put', '/users/me/password', asks.accessToken)
      .send({ currentPassword: PASSWORD, password: NEW_PASSWORD })
      .expect(204),
  'a password set by mail': async (accounts, asks) => {
    const token = await accounts.accountToken(asks.userId, 'reset-password');
    await accounts.call('post', '/auth/reset-password').send({ token, password: NEW_PASSWORD }).expect(204);
  },
  deactivation: async (accounts, asks) => {
    const standing = accounts.app.get(AccountStandingService, { strict: false });
    const transactions = accounts.app.get(Transactions, { strict: false });
    const ended = await transactions.run((tx) => standing.deactivate(tx, asks.userId));
    await accounts.app.get(SessionsService, { strict: false }).forget(ended ?? []);
  },
  erasure: (accounts, asks) =>
    accounts.call('delete', '/users/me', asks.accessToken).send({ currentPassword: PASSWORD }).expect(202),
};

describe.each(Object.keys(ENDINGS))('after %s', (name) => {
  let accounts: Accounts;
  let bystander: Session;
  let asks: Session;
  let stolen: Session;

  beforeAll(async () => {
    accounts = await shared();
    bystander = await accounts.join(`ben-${randomUUID()}@example.com`);
  });

  beforeEach(async () => {
    const email = `anna-${randomUUID()}@example.com`;
    asks = await accounts.join(email);
    stolen = { ...(await accounts.session(email)), userId: asks.userId };
    await waitUntil(
      async () => {
        await door('plain', stolen);
        return (await accounts.redis.exists(`purser:session:${stolen.sessionId}`)) === 1;
      },
      { what: 'a copy of the session' },
    );
  });

  const door = async (kind: string, { accessToken }: Tokens) =>
    (await accounts.call('get', `/doors/${kind}`, accessToken)).status;
  const end = () => ENDINGS[name]?.(accounts, asks, stolen);

  it('both tokens of a stolen session are dead at once, also when Redis is emptied, and nobody else is logged out', async () => {
    await end();
    const begun = performance.now();
    for (const kind of ['plain', 'sensitive', 'admin']) expect(await door(kind, stolen)).toBe(401);
    await accounts.refresh(stolen.refreshToken).expect(401);
    tell('P34', `${name}: refused on every route ${Math.ceil(performance.now() - begun)} ms after it`);

    await accounts.redis.flushdb();
    for (const kind of ['plain', 'sensitive']) {
      expect(await door(kind, stolen)).toBe(401);
      expect(await door(kind, bystander)).toBe(200);
    }
    await accounts.refresh(stolen.refreshToken).expect(401);
  });

  it('a copy that nobody could forget is believed while it is young, and on no sensitive route (control)', async () => {
    const forgetting = jest.spyOn(accounts.app.get(SessionCopies, { strict: false }), 'forget').mockResolvedValue();
    try {
      await end();
      expect(await door('plain', stolen)).toBe(200);
      expect(await door('sensitive', stolen)).toBe(401);
      await accounts.refresh(stolen.refreshToken).expect(401);
    } finally {
      forgetting.mockRestore();
    }
  });
});

let started: Promise<Accounts> | undefined;

/** One application for all of them. */
function shared(): Promise<Accounts> {
  return (started ??= Accounts.start());
}

afterAll(async () => (await started)?.stop());
