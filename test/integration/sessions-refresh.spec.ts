import { RefreshTokens } from '../../src/domains/users/sessions/refresh-tokens.js';
import { Accounts, type Tokens } from './users.support.js';

const GRACE_MS = 10_000;

describe('refresh tokens', () => {
  let accounts: Accounts;
  let userId: string;

  beforeAll(async () => {
    accounts = await Accounts.start({ REFRESH_GRACE_MS: String(GRACE_MS) });
    ({ userId } = await accounts.join('anna@example.com'));
  });

  afterAll(() => accounts.stop());

  const start = () => accounts.session('anna@example.com');

  async function next(token: string): Promise<Tokens> {
    return (await accounts.refresh(token).expect(200)).body as Tokens;
  }

  /** As if this long had passed since the session last rotated. */
  async function afterGrace(sessionId: string): Promise<void> {
    const sql = `UPDATE sessions SET rotated_at = rotated_at - $2 * interval '1 millisecond' WHERE id = $1`;
    await accounts.db.query(sql, [sessionId, GRACE_MS + 1]);
  }

  async function isAlive(sessionId: string): Promise<boolean> {
    const sql = `SELECT revoked_at IS NULL AS alive FROM sessions WHERE id = $1`;
    const [row] = await accounts.db.query<{ alive: boolean }>(sql, [sessionId]);
    return row?.alive === true;
  }

  const namesOf = async (sessionId: string) =>
    (await accounts.eventsOf(`session-${sessionId}`)).map(({ name }) => name);

  it('hands out a new pair, whose access token is good', async () => {
    const { sessionId, refreshToken } = await start();
    const { body } = await accounts.refresh(refreshToken).expect(200).expect('Cache-Control', 'no-store');
    expect(body).toEqual({
      accessToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 600,
      refreshToken: expect.stringMatching(`^${sessionId}\\.1\\.[\\w-]{43}$`),
    });
    await accounts.call('get', '/doors/sensitive', (body as Tokens).accessToken).expect(200);
  });

  it('gives fifty at once one and the same successor', async () => {
    const { sessionId, refreshToken } = await start();
    const replies = await Promise.all(Array.from({ length: 50 }, () => next(refreshToken)));
    expect(new Set(replies.map((reply) => reply.refreshToken)).size).toBe(1);
    expect(await isAlive(sessionId)).toBe(true);
    await accounts.refresh(replies[0]?.refreshToken ?? '').expect(200);
  });

  it('would give them different ones without its guard', async () => {
    const { sessionId } = await start();
    const unguarded = `UPDATE sessions SET generation = generation + 1 WHERE id = $1 RETURNING generation`;
    const rows = await Promise.all(Array.from({ length: 50 }, () => accounts.db.query(unguarded, [sessionId])));
    expect(new Set(rows.map(([row]) => (row as { generation: number }).generation)).size).toBe(50);
  });

  it('repeats a lost reply within the grace', async () => {
    const { refreshToken } = await start();
    const first = await next(refreshToken);
    expect((await next(refreshToken)).refreshToken).toBe(first.refreshToken);
  });

  it('does not lengthen the grace by repeating', async () => {
    const { sessionId, refreshToken } = await start();
    await next(refreshToken);
    await afterGrace(sessionId);
    await accounts.refresh(refreshToken).expect(401);
    expect(await isAlive(sessionId)).toBe(false);
  });

  it('ends the family when the parent comes back after the grace', async () => {
    const { sessionId, refreshToken } = await start();
    const newest = await next(refreshToken);
    await afterGrace(sessionId);

    const { body } = await accounts.refresh(refreshToken).expect(401);

    expect(body).toMatchObject({ code: 'unauthenticated' });
    await accounts.refresh(newest.refreshToken).expect(401);
    await accounts.call('get', '/doors/plain', newest.accessToken).expect(401);
    expect(await accounts.eventsOf(`session-${sessionId}`)).toEqual([
      { name: 'session.started', version: 1, payload: { userId, sessionId } },
      { name: 'session.ended', version: 2, payload: { userId, sessionId, reason: 'reuse' } },
    ]);
  });

  it('ends the family when a grandparent comes back, however soon', async () => {
    const { sessionId, refreshToken } = await start();
    const parent = await next(refreshToken);
    const newest = await next(parent.refreshToken);

    await accounts.refresh(refreshToken).expect(401);

    expect(await isAlive(sessionId)).toBe(false);
    await accounts.refresh(newest.refreshToken).expect(401);
  });

  it('ends it once, however often the stolen token is tried', async () => {
    const { sessionId, refreshToken } = await start();
    await next((await next(refreshToken)).refreshToken);
    await Promise.all(Array.from({ length: 10 }, () => accounts.refresh(refreshToken).expect(401)));
    expect(await namesOf(sessionId)).toEqual(['session.started', 'session.ended']);
  });

  it('lets a forgery end nothing', async () => {
    const { sessionId, refreshToken } = await start();
    const newest = await next((await next(refreshToken)).refreshToken);
    const [, , mac = ''] = newest.refreshToken.split('.');
    const forged = [`${sessionId}.0.${'A'.repeat(43)}`, `${sessionId}.0.${mac}`, `${sessionId}.7.${mac}`];

    for (const token of forged) await accounts.refresh(token).expect(401);

    expect(await namesOf(sessionId)).toEqual(['session.started']);
    await accounts.refresh(newest.refreshToken).expect(200);
  });

  it('refuses a generation that is still to come, and ends nothing', async () => {
    const { sessionId, refreshToken } = await start();
    const [row] = await accounts.db.query<{ seed: string }>(`SELECT seed FROM sessions WHERE id = $1`, [sessionId]);
    const tokens = new RefreshTokens(accounts.config);
    await accounts.refresh(tokens.make(sessionId, 5, row?.seed ?? '')).expect(401);
    await accounts.refresh(refreshToken).expect(200);
  });

  it.each(['', 'x', `${'0'.repeat(36)}.0.${'A'.repeat(43)}`, 'a.b.c', "'; DROP TABLE sessions --"])(
    'refuses %j',
    async (token) => {
      const { body } = await accounts.refresh(token).expect(401);
      expect(body).toMatchObject({ code: 'unauthenticated' });
    },
  );

  it('refuses an access token', async () => {
    const { accessToken } = await start();
    await accounts.refresh(accessToken).expect(400);
  });

  it.each([
    ['has ended', `UPDATE sessions SET revoked_at = now(), revoked_reason = 'revoked' WHERE id = $1`],
    ['has expired', `UPDATE sessions SET expires_at = now() WHERE id = $1`],
    [
      'belongs to a closed account',
      `UPDATE users SET is_active = false FROM sessions s WHERE s.id = $1 AND s.user_id = users.id`,
    ],
  ])('refuses when the session %s', async (_why, sql) => {
    const { sessionId, refreshToken } = await start();
    await accounts.db.query(sql, [sessionId]);
    await accounts.refresh(refreshToken).expect(401);
    await accounts.db.query(`UPDATE users SET is_active = true`);
  });

  it('leaves who did it on the events, without anybody having been asked for a token', async () => {
    const { sessionId } = await start();
    const sql = `SELECT metadata ->> 'actorId' AS actor FROM events WHERE stream = $1`;
    expect(await accounts.db.query(sql, [`session-${sessionId}`])).toEqual([{ actor: userId }]);
  });

  it('costs two statements beside BEGIN and COMMIT', async () => {
    const { refreshToken } = await start();
    expect(await accounts.statementsIn(() => next(refreshToken))).toBe(2);
  });
});
