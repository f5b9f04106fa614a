import { createHash } from 'node:crypto';
import { UsersRepository } from '../../src/domains/users/users.repository.js';
import { MailTokens } from '../../src/domains/users/registration/mail-tokens.js';
import { PasswordHasher } from '../../src/domains/users/password-hasher.js';
import { Accounts, PASSWORD } from './users.support.js';

const RESEND_MS = 600_000;

describe('registration', () => {
  let accounts: Accounts;
  let email: string;
  let count = 0;

  beforeAll(async () => {
    accounts = await Accounts.start({ VERIFY_RESEND_INTERVAL_MS: String(RESEND_MS) });
  });

  beforeEach(() => {
    email = `guest-${++count}@example.com`;
  });

  afterAll(() => accounts.stop());

  const namesOf = async (userId: string) => (await accounts.eventsOf(`user-${userId}`)).map(({ name }) => name);

  /** As if the last mail to this address had been asked for so long ago that another may go. */
  async function afterInterval(): Promise<void> {
    const sql = `UPDATE users SET verification_sent_at = now() - $2 * interval '1 millisecond' WHERE email = $1`;
    await accounts.db.query(sql, [email, RESEND_MS]);
  }

  it('opens an account, hashes its password and has a mail sent', async () => {
    const body = { email: `  ${email.toUpperCase()} `, password: PASSWORD, displayName: ' Anna Berg ' };
    const reply = await accounts.call('post', '/auth/register').send(body).expect(202);
    expect(reply.body).toEqual({ status: 'accepted' });

    const [user] = await accounts.db.query(`SELECT * FROM users WHERE email = $1`, [email]);
    expect(user).toMatchObject({
      display_name: 'Anna Berg',
      roles: ['user'],
      is_active: true,
      email_verified_at: null,
    });
    expect(user?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const userId = await accounts.idOf(email);
    expect(await accounts.eventsOf(`user-${userId}`)).toEqual([
      { name: 'user.registered', version: 1, payload: { userId } },
    ]);
    const due = `SELECT d.subscriber FROM event_deliveries d JOIN events e ON e.id = d.event_id WHERE e.stream = $1`;
    expect(await accounts.db.query(due, [`user-${userId}`])).toEqual([{ subscriber: 'notifications' }]);
  });

  it('lets nobody in before the link is used, and everybody once it is', async () => {
    await accounts.register(email).expect(202);
    const userId = await accounts.idOf(email);
    const token = await accounts.linkedToken(userId);

    const { body } = await accounts.logIn(email).expect(401);
    expect(body).toMatchObject({ code: 'invalid-credentials' });
    await accounts.verify(token).expect(204);
    await accounts.verify(token).expect(204);
    await accounts.session(email);

    expect(await namesOf(userId)).toEqual(['user.registered', 'user.verified']);
  });

  it('verifies once when the link is used ten times at once', async () => {
    await accounts.register(email).expect(202);
    const userId = await accounts.idOf(email);
    const token = await accounts.linkedToken(userId);
    await Promise.all(Array.from({ length: 10 }, () => accounts.verify(token).expect(204)));
    expect(await namesOf(userId)).toEqual(['user.registered', 'user.verified']);
  });

  it('has the link mailed again to who knew the password, once per interval', async () => {
    await accounts.register(email).expect(202);
    const userId = await accounts.idOf(email);

    await accounts.logIn(email).expect(401);
    expect(await namesOf(userId)).toEqual(['user.registered']);
    await afterInterval();
    await accounts.logIn(email, 'wrong password').expect(401);
    expect(await namesOf(userId)).toEqual(['user.registered']);
    await Promise.all(Array.from({ length: 5 }, () => accounts.logIn(email).expect(401)));

    expect(await namesOf(userId)).toEqual(['user.registered', 'user.verification-requested']);
  });

  it('answers alike for a known address, and tells its owner once per interval', async () => {
    await accounts.join(email);
    await afterInterval();
    const hashed = jest.spyOn(accounts.app.get(PasswordHasher, { strict: false }), 'hash');

    const unknown = await accounts.register(`un${email}`);
    const known = await accounts.register(email, 'another password');
    await accounts.register(email, 'another password').expect(202);

    const changing = ['date', 'x-request-id', 'ratelimit-remaining', 'ratelimit-reset'];
    const lasting = ({ headers }: { headers: object }) =>
      Object.entries(headers).filter(([n]) => !changing.includes(n));
    expect(lasting(known)).toEqual(lasting(unknown));
    expect(lasting(known).length).toBeGreaterThan(8);
    expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
    expect(hashed).toHaveBeenCalledTimes(3);
    hashed.mockRestore();
    const names = await namesOf(await accounts.idOf(email));
    expect(names).toEqual(['user.registered', 'user.verified', 'user.registered-again']);
    await accounts.logIn(email, 'another password').expect(401);
    await accounts.session(email);
  });

  it('opens one account when ten ask for the address at once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => accounts.register(email).expect(202)));
    const [row] = await accounts.db.query(`SELECT count(*)::int AS users FROM users WHERE email = $1`, [email]);
    expect(row).toEqual({ users: 1 });
    expect(await namesOf(await accounts.idOf(email))).toEqual(['user.registered']);
  });

  it('gives an unverified account to who registers it last, and voids the links of before', async () => {
    await accounts.register(email, 'of somebody else').expect(202);
    const userId = await accounts.idOf(email);
    const before = await accounts.linkedToken(userId);
    await afterInterval();

    await accounts.register(email).expect(202);

    expect(await namesOf(userId)).toEqual(['user.registered', 'user.registered-again']);
    await accounts.verify(before).expect(400);
    await accounts.verify(await accounts.linkedToken(userId)).expect(204);
    await accounts.logIn(email, 'of somebody else').expect(401);
    await accounts.session(email);
  });

  it('changes nothing of an unverified account while its last mail is young', async () => {
    await accounts.register(email).expect(202);
    const token = await accounts.linkedToken(await accounts.idOf(email));
    await accounts.register(email, 'of somebody else').expect(202);
    await accounts.verify(token).expect(204);
    await accounts.session(email);
  });

  it('does nothing for a closed account, and says nothing', async () => {
    const { userId } = await accounts.join(email);
    await afterInterval();
    await accounts.db.query(`UPDATE users SET is_active = false WHERE id = $1`, [userId]);
    await accounts.register(email).expect(202);
    const { body } = await accounts.logIn(email).expect(401);
    expect(body).toMatchObject({ code: 'invalid-credentials' });
    expect(await namesOf(userId)).toEqual(['user.registered', 'user.verified']);
  });

  it('starts no session when the password changes while it is verified', async () => {
    await accounts.join(email);
    const users = accounts.app.get(UsersRepository, { strict: false });
    const credentials = await users.findCredentials(email);
    const stale = jest.spyOn(users, 'findCredentials').mockResolvedValueOnce(credentials);
    await accounts.db.query(`UPDATE users SET credentials_version = credentials_version + 1 WHERE email = $1`, [email]);
    await accounts.logIn(email).expect(401);
    expect(stale).toHaveBeenCalledTimes(1);
    stale.mockRestore();
  });

  describe('a link', () => {
    it.each([
      ['is forged', ({ token }: Link) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
      ['is of another account', ({ token, other }: Link) => `${other}${token.slice(36)}`],
      ['was given more time', ({ token, userId }: Link) => `${userId}.9999999999.${token.split('.')[2]}`],
      ['is for another purpose', ({ tokens, userId }: Link) => tokens(userId, { purpose: 'reset-password' })],
      ['is too old', ({ tokens, userId }: Link) => tokens(userId, { expiry: Math.floor(Date.now() / 1_000) - 5 })],
      ['is no link', () => 'x'],
      ['is empty', () => ''],
    ])('that %s is refused with a stable code', async (_what, tokenOf) => {
      await accounts.register(email).expect(202);
      const userId = await accounts.idOf(email);
      const { userId: other } = await accounts.join(`other-${email}`);
      const link = { userId, other, token: await accounts.linkedToken(userId), tokens: made };

      const { body } = await accounts.verify(tokenOf(link)).expect(400);

      expect(body).toMatchObject({ code: 'invalid-token', type: '/problems/invalid-token' });
      await accounts.verify(link.token).expect(204);
    });

    interface Link {
      readonly userId: string;
      readonly other: string;
      readonly token: string;
      readonly tokens: typeof made;
    }

    function made(userId: string, given: Partial<Parameters<MailTokens['make']>[0]>): string {
      const expiry = Math.floor(Date.now() / 1_000) + 60;
      return new MailTokens(accounts.config).make({ purpose: 'verify-email', userId, version: 1, expiry, ...given });
    }

    it('opens a page that changes nothing by itself and takes nothing from outside', async () => {
      await accounts.register(email).expect(202);
      const userId = await accounts.idOf(email);
      const token = await accounts.linkedToken(userId);
      const { text, headers } = await accounts.call('get', `/auth/verify-email?token=${token}"<script>`).expect(200);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['referrer-policy']).toBe('no-referrer');
      const digest = (tag: string) => {
        const [, block = ''] = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(text) ?? [];
        return `${tag}-src 'sha256-${createHash('sha256').update(block).digest('base64')}'`;
      };
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; /);
      for (const tag of ['script', 'style']) expect(headers['content-security-policy']).toContain(digest(tag));
      expect(text).toContain('<button');
      expect(text).not.toContain(token);
      expect(await namesOf(userId)).toEqual(['user.registered']);
    });
  });
});
