import { randomUUID } from 'node:crypto';
import { Accounts, PASSWORD, type Tokens } from './users.support.js';

type Session = Tokens & { userId: string; sessionId: string };

describe('a change of address', () => {
  let accounts: Accounts;
  let oldEmail: string;
  let newEmail: string;
  let anna: Session;

  beforeAll(async () => {
    accounts = await Accounts.start();
  });

  beforeEach(async () => {
    oldEmail = `old-${randomUUID()}@example.com`;
    newEmail = `new-${randomUUID()}@example.com`;
    anna = await accounts.join(oldEmail);
  });

  afterAll(() => accounts.stop());

  const ask = (email: string, { currentPassword = PASSWORD, accessToken = anna.accessToken } = {}) =>
    accounts.call('put', '/users/me/email', accessToken).send({ currentPassword, email });
  const emailOf = async (userId: string) =>
    (await accounts.db.query<{ email: string }>(`SELECT email FROM users WHERE id = $1`, [userId]))[0]?.email;

  it('happens when the new address answers, and not before', async () => {
    const { body } = await ask(` ${newEmail.toUpperCase()}`).expect(202);
    expect(body).toEqual({ status: 'accepted' });
    expect(await emailOf(anna.userId)).toBe(oldEmail);
    await accounts.logIn(newEmail).expect(401);

    const change = await accounts.addressChange(anna.userId);
    expect(change?.address).toBe(newEmail);
    await accounts.verify(change?.token ?? '').expect(204);

    await accounts.logIn(newEmail).expect(200);
    await accounts.logIn(oldEmail).expect(401);
    expect((await accounts.namesOf(anna.userId)).slice(-2)).toEqual([
      'user.address-change-requested',
      'user.address-changed',
    ]);
    const me = await accounts.call('get', '/users/me', anna.accessToken).expect(200);
    expect(me.body).toMatchObject({ email: newEmail, emailVerified: true });

    await accounts.verify(change?.token ?? '').expect(400);
    await accounts.register(oldEmail).expect(202);
    expect(await accounts.idOf(oldEmail)).not.toBe('');
  });

  it('goes to the address asked for last; what was mailed to the one before is void', async () => {
    await ask(`wrong-${newEmail}`).expect(202);
    const first = await accounts.addressChange(anna.userId);
    await ask(newEmail).expect(202);
    await accounts.verify(first?.token ?? '').expect(400);
    await accounts.verify((await accounts.addressChange(anna.userId))?.token ?? '').expect(204);
    expect(await emailOf(anna.userId)).toBe(newEmail);
  });

  it('is answered alike for an address that somebody has, and only its owner can learn of it', async () => {
    const ben = await accounts.join(newEmail);
    const known = await ask(newEmail).expect(202);
    expect(await accounts.addressChange(anna.userId)).toEqual({ address: newEmail, token: '' });
    const unknown = await ask(`other-${newEmail}`).expect(202);
    expect(unknown.text).toBe(known.text);
    expect(await emailOf(ben.userId)).toBe(newEmail);
  });

  it('comes too late when somebody registered the address meanwhile', async () => {
    await ask(newEmail).expect(202);
    const change = await accounts.addressChange(anna.userId);
    await accounts.register(newEmail).expect(202);
    const { body } = await accounts.verify(change?.token ?? '').expect(400);
    expect(body).toMatchObject({ code: 'invalid-token' });
    expect(await emailOf(anna.userId)).toBe(oldEmail);
  });

  it('happens once, though two wait for one address and both click at once', async () => {
    const ben = await accounts.join(`ben-${newEmail}`);
    await ask(newEmail).expect(202);
    await ask(newEmail, { accessToken: ben.accessToken }).expect(202);
    const changes = [await accounts.addressChange(anna.userId), await accounts.addressChange(ben.userId)];
    const clicks = await Promise.all(changes.map((change) => accounts.verify(change?.token ?? '')));
    expect(clicks.map(({ status }) => status).sort()).toEqual([204, 400]);
  });

  it('is stopped by a new password', async () => {
    await ask(newEmail).expect(202);
    const change = await accounts.addressChange(anna.userId);
    const body = { currentPassword: PASSWORD, password: 'a new horse, another battery' };
    await accounts.call('put', '/users/me/password', anna.accessToken).send(body).expect(204);
    await accounts.verify(change?.token ?? '').expect(400);
    expect(await accounts.addressChange(anna.userId)).toBeNull();
  });

  it('needs the password, and an address', async () => {
    const { body } = await ask(newEmail, { currentPassword: 'a guess' }).expect(400);
    expect(body).toMatchObject({ code: 'wrong-password' });
    expect(await accounts.addressChange(anna.userId)).toBeNull();
    await ask('no address').expect(400);
  });
});
