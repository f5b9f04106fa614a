import { randomUUID } from 'node:crypto';
import { Accounts, type Tokens } from './users.support.js';

const MAX_AGE_MS = 1_500;

type Session = Tokens & { userId: string; sessionId: string };

describe('revocation', () => {
  let accounts: Accounts;
  let anna: Session;

  beforeAll(async () => {
    accounts = await Accounts.start({ SESSION_COPY_MAX_AGE_MS: String(MAX_AGE_MS) });
  });

  beforeEach(async () => {
    anna = await accounts.join(`anna-${randomUUID()}@example.com`);
  });

  afterAll(() => accounts.stop());

  const door = (name: string, { accessToken }: Tokens) => accounts.call('get', `/doors/${name}`, accessToken);
  const keyOf = (sessionId: string) => `purser:session:${sessionId}`;

  async function until(condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error('it did not become so within 5 s');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Uses the session, and waits for its copy in Redis. */
  async function copied(session: Session): Promise<string> {
    await door('plain', session).expect(200);
    await until(async () => (await accounts.redis.exists(keyOf(session.sessionId))) === 1);
    return (await accounts.redis.get(keyOf(session.sessionId))) ?? '';
  }

  const tooOld = (session: Session) => until(async () => (await door('plain', session)).status === 401);

  it('counts at once after a logout, on every route and for both tokens', async () => {
    await copied(anna);
    await accounts.call('post', '/auth/logout', anna.accessToken).expect(204);
    for (const name of ['plain', 'sensitive', 'admin']) await door(name, anna).expect(401);
    await accounts.refresh(anna.refreshToken).expect(401);
    await accounts.call('post', '/auth/logout', anna.accessToken).expect(401);
    const { userId, sessionId } = anna;
    expect(await accounts.eventsOf(`session-${sessionId}`)).toEqual([
      { name: 'session.started', version: 1, payload: { userId, sessionId } },
      { name: 'session.ended', version: 2, payload: { userId, sessionId, reason: 'logout' } },
    ]);
  });

  it('believes a copy until it is too old, and never again', async () => {
    const copy = await copied(anna);
    const copiedAt = performance.now();
    await accounts.db.query(`UPDATE sessions SET revoked_at = now() WHERE id = $1`, [anna.sessionId]);

    await door('plain', anna).expect(200);
    await door('sensitive', anna).expect(401);
    await until(async () => performance.now() - copiedAt > MAX_AGE_MS);

    // Whoever writes it now, late or out of a backup, brings nobody back.
    await accounts.redis.set(keyOf(anna.sessionId), copy);
    await door('plain', anna).expect(401);
  });

  it('believes no copy that claims to come from the future', async () => {
    const copy = JSON.parse(await copied(anna)) as { readAt: number };
    await accounts.db.query(`UPDATE sessions SET revoked_at = now() WHERE id = $1`, [anna.sessionId]);
    const forged = JSON.stringify({ ...copy, readAt: copy.readAt + 3_600_000 });
    await accounts.redis.set(keyOf(anna.sessionId), forged);
    await door('plain', anna).expect(401);
  });

  it.each(['', 'null', '{}', '[', '{"userId":1}'])('reads PostgreSQL when the copy is %j', async (text) => {
    await copied(anna);
    await accounts.redis.set(keyOf(anna.sessionId), text);
    await door('plain', anna).expect(200);
  });

  it('logs nobody out and brings nobody back after FLUSHDB', async () => {
    const gone = await accounts.join(`gone-${randomUUID()}@example.com`);
    await copied(anna);
    await accounts.call('post', '/auth/logout', gone.accessToken).expect(204);

    await accounts.redis.flushdb();

    for (const name of ['plain', 'sensitive']) {
      await door(name, anna).expect(200);
      await door(name, gone).expect(401);
    }
    await accounts.refresh(anna.refreshToken).expect(200);
    await accounts.refresh(gone.refreshToken).expect(401);
  });

  it('runs no statement with a young copy, and one without or on a sensitive route', async () => {
    await copied(anna);
    const count = (name: string) => accounts.statementsIn(() => door(name, anna).expect(200));
    expect(await count('plain')).toBe(0);
    expect(await count('sensitive')).toBe(1);
    await accounts.redis.flushdb();
    expect(await count('plain')).toBe(1);
  });

  it('writes the copy for a day, without a name or an address in it', async () => {
    const copy = await copied(anna);
    expect(Object.keys(JSON.parse(copy) as object).sort()).toEqual([
      'expiresAt',
      'mustEnrol',
      'readAt',
      'roles',
      'userId',
    ]);
    const ttl = await accounts.redis.ttl(keyOf(anna.sessionId));
    expect(ttl).toBeGreaterThan(86_000);
    expect(ttl).toBeLessThanOrEqual(86_400);
  });

  it('counts at once on sensitive routes when an account is closed, and soon on the others', async () => {
    await copied(anna);
    await accounts.db.query(`UPDATE users SET is_active = false WHERE id = $1`, [anna.userId]);
    await door('sensitive', anna).expect(401);
    await tooOld(anna);
  });

  it('takes a role away at once', async () => {
    await accounts.db.query(`UPDATE users SET roles = '{admin}' WHERE id = $1`, [anna.userId]);
    await door('admin', anna).expect(200);
    await accounts.db.query(`UPDATE users SET roles = '{user}' WHERE id = $1`, [anna.userId]);
    await door('admin', anna).expect(403);
  });

  it('ends at its expiry, copy or not', async () => {
    await accounts.db.query(`UPDATE sessions SET expires_at = now() + interval '300 milliseconds' WHERE id = $1`, [
      anna.sessionId,
    ]);
    await copied(anna);
    await tooOld(anna);
    await door('sensitive', anna).expect(401);
  });
});

describe('sessions of a user', () => {
  let accounts: Accounts;
  let anna: Session;

  beforeAll(async () => {
    accounts = await Accounts.start();
    anna = await accounts.join('anna@example.com');
  });

  afterAll(() => accounts.stop());

  const list = async (token: string, query = '') =>
    (await accounts.call('get', `/users/me/sessions${query}`, token).expect(200)).body as {
      data: { id: string; current: boolean; device: string | null }[];
      next: string | null;
    };

  it('are listed newest first, in pages, and nobody else sees them', async () => {
    const second = await accounts.session('anna@example.com');
    await accounts.join('ben@example.com');

    const all = await list(anna.accessToken);
    expect(all).toEqual({
      data: [second, anna].map(({ sessionId }) => ({
        id: sessionId,
        device: null,
        ip: expect.stringMatching(/127\.0\.0\.1$/),
        lastUsedAt: expect.stringMatching(/Z$/),
        current: sessionId === anna.sessionId,
      })),
      next: null,
    });

    const first = await list(anna.accessToken, '?limit=1');
    expect(first).toMatchObject({ data: [{ id: second.sessionId }], next: second.sessionId });
    const rest = await list(anna.accessToken, `?limit=1&after=${first.next ?? ''}`);
    expect(rest).toMatchObject({ data: [{ id: anna.sessionId }], next: null });
  });

  it('remember what the client called itself, cut to length', async () => {
    const credentials = { email: 'anna@example.com', password: 'correct horse battery' };
    const login = accounts.call('post', '/auth/login').set('User-Agent', 'x'.repeat(300)).send(credentials);
    const { body } = await login.expect(200);
    const { data } = await list((body as Tokens).accessToken, '?limit=1');
    expect(data[0]?.device).toBe('x'.repeat(255));
  });

  it('can be ended one by one, each once, and only by their user', async () => {
    const other = await accounts.session('anna@example.com');
    const ben = await accounts.session('ben@example.com');
    const end = (token: string) => accounts.call('delete', `/users/me/sessions/${other.sessionId}`, token);

    await end(ben.accessToken).expect(404);
    await accounts.call('get', '/doors/plain', other.accessToken).expect(200);
    await end(anna.accessToken).expect(204);
    await accounts.call('get', '/doors/plain', other.accessToken).expect(401);
    const { body } = await end(anna.accessToken).expect(404);
    expect(body).toMatchObject({ code: 'session-not-found' });
    await accounts.call('delete', '/users/me/sessions/undefined', anna.accessToken).expect(400);
  });

  it('end all together, with an event each', async () => {
    const sessions = await Promise.all(Array.from({ length: 4 }, () => accounts.session('anna@example.com')));

    await accounts.call('delete', '/users/me/sessions', anna.accessToken).expect(204);

    for (const { accessToken, refreshToken, sessionId } of [anna, ...sessions]) {
      await accounts.call('get', '/doors/plain', accessToken).expect(401);
      await accounts.refresh(refreshToken).expect(401);
      const events = await accounts.eventsOf(`session-${sessionId}`);
      expect(events.at(-1)).toMatchObject({ name: 'session.ended', version: 2, payload: { reason: 'revoked' } });
    }
    const ben = await accounts.session('ben@example.com');
    await accounts.call('get', '/doors/plain', ben.accessToken).expect(200);
  });
});

describe('without Redis', () => {
  let accounts: Accounts;

  beforeAll(async () => {
    accounts = await Accounts.start({ REDIS_URL: 'redis://127.0.0.1:1' });
  });

  afterAll(() => accounts.stop());

  it('everything is decided by PostgreSQL', async () => {
    const anna = await accounts.join('anna@example.com');
    for (const name of ['plain', 'sensitive']) {
      await accounts.call('get', `/doors/${name}`, anna.accessToken).expect(200);
    }
    const { body } = await accounts.refresh(anna.refreshToken).expect(200);
    await accounts.call('post', '/auth/logout', (body as Tokens).accessToken).expect(204);
    for (const name of ['plain', 'sensitive']) {
      await accounts.call('get', `/doors/${name}`, anna.accessToken).expect(401);
    }
  });
});
