import { Members, type Offered } from './users-mfa.support.js';
import { Accounts, PASSWORD } from './users.support.js';

let members: Members;
let accounts: Accounts;

beforeAll(async () => {
  members = await Members.start();
  ({ accounts } = members);
});

afterAll(() => accounts.stop());

describe('enrolling a second factor', () => {
  it('shows secret and recovery codes once, and counts from the first code on', async () => {
    const { accessToken, email, userId, sessionId } = await members.join();
    const other = await accounts.session(email);
    const { body } = await members.offer(accessToken).expect(201).expect('Cache-Control', 'no-store');
    const { secret, otpauthUrl, recoveryCodes } = body as Offered;
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(otpauthUrl).toContain(`otpauth://totp/Purser:${encodeURIComponent(email)}?`);
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const code of recoveryCodes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);

    await accounts.logIn(email).expect(200);
    expect((await members.confirm(accessToken, '000000').expect(400)).body).toMatchObject({ code: 'wrong-code' });
    await accounts.logIn(email).expect(200);
    await members.confirm(accessToken, members.codeOf({ secret })).expect(204);
    await members.half({ email });

    await accounts.call('get', '/doors/sensitive', accessToken).expect(200);
    await accounts.call('get', '/doors/sensitive', other.accessToken).expect(401);
    expect(await accounts.namesOf(userId)).toContain('user.mfa-enabled');
    expect((await accounts.eventsOf(`session-${sessionId}`)).map(({ name }) => name)).toEqual(['session.started']);
  });

  it('stores neither the secret nor a recovery code', async () => {
    const { userId, secret, recoveryCodes } = await members.enrolled();
    const [row] = await accounts.db.query<{ all: string }>(
      `SELECT (SELECT f::text FROM mfa_factors f WHERE user_id = $1) || (SELECT string_agg(e::text, '') FROM events e) AS all`,
      [userId],
    );
    for (const text of [secret, ...recoveryCodes, ...recoveryCodes.map((code) => code.replaceAll('-', ''))]) {
      expect(row?.all).not.toContain(text);
    }
  });

  it('asks for the password, and leaves a factor that counts as it is', async () => {
    const { accessToken } = await members.join();
    expect((await members.offer(accessToken, 'a guess').expect(400)).body).toMatchObject({ code: 'wrong-password' });
    expect((await members.confirm(accessToken, '123456').expect(409)).body).toMatchObject({ code: 'mfa-not-enrolled' });

    const member = await members.enrolled();
    expect((await members.offer(member.accessToken).expect(409)).body).toMatchObject({ code: 'mfa-already-enabled' });
    await members.confirm(member.accessToken, members.codeOf(member)).expect(409);
    await members.finish(await members.half(member), members.codeOf(member)).expect(200);
  });

  it('ends with the password and a code, and logins ask for none any more', async () => {
    const member = await members.enrolled();
    const remove = (body: object) => accounts.call('delete', '/users/me/mfa', member.accessToken).send(body);
    const right = { currentPassword: PASSWORD, code: members.codeOf(member) };
    await remove({ ...right, currentPassword: 'a guess' }).expect(400);
    await remove({ ...right, code: '000000' }).expect(400);
    await remove({ currentPassword: PASSWORD }).expect(400);
    await members.half(member);
    await remove(right).expect(204);
    await accounts.logIn(member.email).expect(200);
    expect(await accounts.namesOf(member.userId)).toContain('user.mfa-disabled');
    expect((await remove(right).expect(409)).body).toMatchObject({ code: 'mfa-not-enrolled' });
  });
});

describe('an admin without a second factor, where admins need one', () => {
  async function anAdmin() {
    const admin = await members.join();
    await accounts.db.query(`UPDATE users SET roles = '{user,admin}' WHERE id = $1`, [admin.userId]);
    return admin;
  }

  it('reaches nothing but the enrolment, and with a factor everything', async () => {
    const { accessToken } = await anAdmin();
    for (const door of ['plain', 'sensitive', 'admin']) {
      const { body } = await accounts.call('get', `/doors/${door}`, accessToken).expect(403);
      expect(body).toMatchObject({ code: 'mfa-enrolment-required' });
    }
    await accounts.call('get', '/doors/open').expect(200);
    await accounts.call('get', '/users/me', accessToken).expect(200);

    const { body } = await members.offer(accessToken).expect(201);
    await accounts.call('get', '/doors/plain', accessToken).expect(403);
    await members.confirm(accessToken, members.codeOf(body as Offered)).expect(204);
    for (const door of ['plain', 'sensitive', 'admin'])
      await accounts.call('get', `/doors/${door}`, accessToken).expect(200);
  });

  it('may always log out, and customers are not asked for one', async () => {
    const { accessToken } = await anAdmin();
    await accounts.call('post', '/auth/logout', accessToken).expect(204);
    await accounts.call('get', '/doors/plain', (await members.join()).accessToken).expect(200);
  });

  it('is an admin again at once, should the rule be another', async () => {
    const lax = await Accounts.start();
    const admin = await lax.join('root@example.com');
    await lax.db.query(`UPDATE users SET roles = '{user,admin}' WHERE id = $1`, [admin.userId]);
    await lax.call('get', '/doors/admin', admin.accessToken).expect(200);
    await lax.stop();
  });
});
