import { randomUUID } from 'node:crypto';
import { SessionsService } from '../../src/domains/users/sessions/sessions.service.js';
import { AccountStandingService } from '../../src/domains/users/standing/account-standing.service.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Accounts, type Tokens } from './users.support.js';

type Session = Tokens & { userId: string; sessionId: string };

describe('an account that is deactivated', () => {
  let accounts: Accounts;
  let email: string;
  let anna: Session;

  beforeAll(async () => {
    accounts = await Accounts.start();
  });

  beforeEach(async () => {
    email = `anna-${randomUUID()}@example.com`;
    anna = await accounts.join(email);
  });

  afterAll(() => accounts.stop());

  const standing = () => accounts.app.get(AccountStandingService, { strict: false });
  const inTransaction = <T>(work: Parameters<Transactions['run']>[0]) =>
    accounts.app.get(Transactions, { strict: false }).run(work) as Promise<T>;

  async function deactivate(): Promise<string[] | null> {
    const ended = await inTransaction<string[] | null>((tx) => standing().deactivate(tx, anna.userId));
    await accounts.app.get(SessionsService, { strict: false }).forget(ended ?? []);
    return ended;
  }

  const activate = () => inTransaction<boolean>((tx) => standing().activate(tx, anna.userId));
  const statusOf = async (name: string, { accessToken }: Tokens) =>
    (await accounts.call('get', `/doors/${name}`, accessToken)).status;

  /** Its copy is young in Redis, so that only forgetting it lets the ending count before its time. */
  async function used(session: Session): Promise<void> {
    const deadline = Date.now() + 5_000;
    while ((await accounts.redis.exists(`purser:session:${session.sessionId}`)) === 0 && Date.now() < deadline) {
      expect(await statusOf('plain', session)).toBe(200);
    }
  }

  it('is shut at once: every session ends, on every route, and nobody logs in', async () => {
    const second = { ...(await accounts.session(email)), userId: anna.userId };
    for (const session of [anna, second]) await used(session);

    expect((await deactivate())?.sort()).toEqual([anna.sessionId, second.sessionId].sort());

    for (const session of [anna, second]) {
      expect(await statusOf('plain', session)).toBe(401);
      expect(await statusOf('sensitive', session)).toBe(401);
      await accounts.refresh(session.refreshToken).expect(401);
    }
    const { body } = await accounts.logIn(email).expect(401);
    expect(body).toMatchObject({ code: 'invalid-credentials' });
    await accounts.redis.flushdb();
    expect(await statusOf('plain', anna)).toBe(401);
  });

  it('keeps a session for as long as its copy is young, where nobody forgets the copy (control)', async () => {
    await used(anna);
    const ended = await inTransaction<string[] | null>((tx) => standing().deactivate(tx, anna.userId));
    expect(ended).toEqual([anna.sessionId]);
    expect(await statusOf('plain', anna)).toBe(200);
    expect(await statusOf('sensitive', anna)).toBe(401);
  });

  it('is told once, and opened again brings nobody back who was logged in', async () => {
    await deactivate();
    expect(await deactivate()).toBeNull();
    expect(await activate()).toBe(true);
    expect(await activate()).toBe(false);

    const names = (await accounts.eventsOf(`user-${anna.userId}`)).map(({ name }) => name);
    expect(names.slice(-2)).toEqual(['user.deactivated', 'user.activated']);
    expect(await statusOf('plain', anna)).toBe(401);
    await accounts.refresh(anna.refreshToken).expect(401);
    await accounts.session(email);
  });

  it('lets no login in that had verified its password before', async () => {
    const logins = Array.from({ length: 10 }, () => accounts.logIn(email));
    const all = Promise.all(logins.map(async (login) => (await login).status));
    await deactivate();
    await all;
    const open = `SELECT count(*)::int AS open FROM sessions WHERE user_id = $1 AND revoked_at IS NULL`;
    expect(await accounts.db.query(open, [anna.userId])).toEqual([{ open: 0 }]);
  });
});
