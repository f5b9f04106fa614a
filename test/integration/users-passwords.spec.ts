import { randomUUID } from 'node:crypto';
import { SessionsService } from '../../src/domains/users/sessions/sessions.service.js';
import { tampering } from '../support/tampering.js';
import { Accounts, PASSWORD, type Tokens } from './users.support.js';

const NEW_PASSWORD = 'a new horse, another battery';
const GUESSES_MAX = 5;

type Session = Tokens & { userId: string; sessionId: string };

describe('passwords', () => {
  let accounts: Accounts;
  let email: string;
  let anna: Session;

  beforeAll(async () => {
    accounts = await Accounts.start({ LOGIN_LIMIT_PER_ACCOUNT_AND_IP: String(GUESSES_MAX) });
  });

  beforeEach(async () => {
    email = `anna-${randomUUID()}@example.com`;
    anna = await accounts.join(email);
  });

  afterAll(() => accounts.stop());

  const forgot = (of: string) => accounts.call('post', '/auth/forgot-password').send({ email: of });
  const reset = (token: string, password = NEW_PASSWORD) =>
    accounts.call('post', '/auth/reset-password').send({ token, password });
  const change = (currentPassword: string, password = NEW_PASSWORD, { accessToken }: Tokens = anna) =>
    accounts.call('put', '/users/me/password', accessToken).send({ currentPassword, password });
  const plain = async ({ accessToken }: Tokens) => (await accounts.call('get', '/doors/plain', accessToken)).status;

  async function another(): Promise<Session> {
    const session = { ...(await accounts.session(email)), userId: anna.userId };
    expect(await plain(session)).toBe(200);
    return session;
  }

  /** Whose address was said to be forgotten since `after`; null for nobody's. */
  async function asked(after: string): Promise<(string | null)[]> {
    const rows = await accounts.db.query<{ userId: string | null }>(
      `SELECT payload ->> 'userId' AS "userId" FROM events WHERE name = 'user.reset-requested' AND id > $1 ORDER BY id`,
      [after],
    );
    return rows.map(({ userId }) => userId);
  }

  async function lastEvent(): Promise<string> {
    const [row] = await accounts.db.query<{ id: string }>(`SELECT id FROM events ORDER BY id DESC LIMIT 1`);
    return row?.id ?? '';
  }

  describe('forgotten', () => {
    it('are answered alike for everybody, and only an owner is written to, at most every ten minutes', async () => {
      const before = await lastEvent();
      const replies = [];
      for (const address of [` ${email.toUpperCase()}`, email, 'nobody@example.com']) {
        replies.push(await forgot(address).expect(202));
      }
      expect(new Set(replies.map(({ text }) => text))).toEqual(new Set(['{"status":"accepted"}']));
      expect(await asked(before)).toEqual([anna.userId, null, null]);

      await accounts.db.query(`UPDATE users SET reset_sent_at = now() - interval '10 minutes' WHERE id = $1`, [
        anna.userId,
      ]);
      await forgot(email).expect(202);
      expect(await asked(before)).toEqual([anna.userId, null, null, anna.userId]);
    });

    it('are set anew by the link, once: everybody is logged out, and the owner told', async () => {
      const second = await another();
      const token = await accounts.accountToken(anna.userId, 'reset-password');
      await reset(token).expect(204);

      for (const session of [anna, second]) {
        expect(await plain(session)).toBe(401);
        await accounts.refresh(session.refreshToken).expect(401);
      }
      await accounts.logIn(email, PASSWORD).expect(401);
      await accounts.logIn(email, NEW_PASSWORD).expect(200);
      expect((await accounts.namesOf(anna.userId)).at(-1)).toBe('user.password-changed');

      const { body } = await reset(token, 'a thief sets another').expect(400);
      expect(body).toMatchObject({ code: 'invalid-token' });
      await accounts.logIn(email, NEW_PASSWORD).expect(200);
    });

    it('are set once, though the link is used ten times at once', async () => {
      const token = await accounts.accountToken(anna.userId, 'reset-password');
      const tries = Array.from({ length: 10 }, (_, n) => reset(token, `${NEW_PASSWORD} ${n}`));
      const statuses = (await Promise.all(tries)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 204)).toHaveLength(1);
      expect(statuses.filter((status) => status === 400)).toHaveLength(9);
    });

    it('prove the address, too: the link was read in its mailbox', async () => {
      const unverified = `new-${randomUUID()}@example.com`;
      await accounts.register(unverified).expect(202);
      const userId = await accounts.idOf(unverified);
      await reset(await accounts.accountToken(userId, 'reset-password')).expect(204);
      await accounts.logIn(unverified, NEW_PASSWORD).expect(200);
    });

    it('are not set by a link that is forged, old, for something else, or for an account that is shut', async () => {
      const token = await accounts.accountToken(anna.userId, 'reset-password');
      const [userId, expiry, mac] = token.split('.');
      const later = `${userId}.${Number(expiry) + 1}.${mac}`;
      const past = `${userId}.1000000000.${mac}`;
      const otherKind = await accounts.accountToken(anna.userId, 'export-data');
      for (const bad of ['', 'x', later, past, otherKind, `${token}x`]) {
        const { body } = await reset(bad).expect(400);
        expect(body).toMatchObject({ code: 'invalid-token' });
      }
      await accounts.verify(token).expect(400);
      await accounts.db.query(`UPDATE users SET is_active = false WHERE id = $1`, [anna.userId]);
      await reset(token).expect(400);
    });

    it('are asked for by a page that takes the token from its address, and runs nothing else', async () => {
      const { headers, text } = await accounts.call('get', '/auth/reset-password?token=secret').expect(200);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'sha256-/);
      expect(text).not.toContain('secret');
      expect(text).toContain('type="password"');
    });
  });

  describe('changed', () => {
    it('end every other session at once, and leave the one that asks', async () => {
      const second = await another();
      await change(PASSWORD).expect(204);

      expect(await plain(second)).toBe(401);
      await accounts.refresh(second.refreshToken).expect(401);
      expect(await plain(anna)).toBe(200);
      await accounts.refresh(anna.refreshToken).expect(200);
      await accounts.logIn(email, PASSWORD).expect(401);
      await accounts.logIn(email, NEW_PASSWORD).expect(200);
      expect((await accounts.namesOf(anna.userId)).at(-1)).toBe('user.password-changed');
      await accounts.redis.flushdb();
      expect(await plain(second)).toBe(401);
    });

    it('leave a stolen session alive where nobody ends the others (control)', async () => {
      const second = await another();
      const ending = jest.spyOn(accounts.app.get(SessionsService, { strict: false }), 'endAllIn');
      ending.mockResolvedValueOnce([]);
      await change(PASSWORD).expect(204);
      ending.mockRestore();
      expect(await plain(second)).toBe(200);
      await accounts.refresh(second.refreshToken).expect(200);
    });

    it('make a link void that was mailed before', async () => {
      const token = await accounts.accountToken(anna.userId, 'reset-password');
      await change(PASSWORD).expect(204);
      await reset(token, 'a thief sets another').expect(400);
    });

    it('stay as they are when the current one is wrong, and it can be guessed as seldom as at a login', async () => {
      for (let n = 0; n < GUESSES_MAX; n++) {
        const { body } = await change('a guess').expect(400);
        expect(body).toMatchObject({ code: 'wrong-password' });
      }
      const { headers } = await change(PASSWORD).expect(429);
      expect(Number(headers['retry-after'])).toBeGreaterThan(800);
      await accounts.logIn(email, PASSWORD).expect(200);
      expect(await accounts.namesOf(anna.userId)).not.toContain('user.password-changed');
    });

    it('can be changed though strangers guess', async () => {
      for (let n = 0; n <= GUESSES_MAX; n++) await accounts.logIn(email, 'a guess');
      await accounts.logIn(email, PASSWORD).expect(429);
      await change(PASSWORD).expect(204);
    });

    it.each([{}, { currentPassword: PASSWORD }, { currentPassword: PASSWORD, password: 'short' }, { id: 'x' }])(
      'are not taken from %j',
      async (body) => {
        const { body: problem } = await accounts.call('put', '/users/me/password', anna.accessToken).send(body);
        expect(problem).toMatchObject({ status: 400, code: 'invalid-request' });
      },
    );
  });
});

describe('a link to set a password', () => {
  it('would work twice if nothing were raised by its first use (control)', async () => {
    const accounts = await Accounts.start();
    try {
      const { userId } = await accounts.join('anna@example.com');
      await tampering.credentialsKeepTheirVersion(accounts.db);
      const token = await accounts.accountToken(userId, 'reset-password');
      const reset = (password: string) => accounts.call('post', '/auth/reset-password').send({ token, password });
      await reset(NEW_PASSWORD).expect(204);
      await reset('a thief sets another').expect(204);
    } finally {
      await accounts.stop();
    }
  });
});
