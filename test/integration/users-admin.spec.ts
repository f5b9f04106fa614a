import { randomUUID } from 'node:crypto';
import type { Role } from '../../src/contracts/roles.js';
import { UsersAdminRepository } from '../../src/domains/users/admin/users-admin.repository.js';
import { hashPassword } from '../../src/domains/users/password-hasher.js';
import { newId } from '../../src/shared/ids.js';
import { Accounts, PASSWORD, type Tokens } from './users.support.js';

type Session = Tokens & { userId: string; sessionId: string };

interface Managed {
  readonly id: string;
  readonly email: string;
  readonly roles: Role[];
  readonly isActive: boolean;
}

describe('admins and the accounts of others', () => {
  let accounts: Accounts;
  let admin: Session;
  let passwordHash: string;

  beforeAll(async () => {
    accounts = await Accounts.start();
    passwordHash = await hashPassword(PASSWORD);
    admin = await join('user', 'admin');
  });

  afterAll(() => accounts.stop());

  /** Somebody new with these roles, who may log in. */
  async function open(...roles: Role[]): Promise<{ userId: string; email: string }> {
    const userId = newId();
    const email = `p-${userId}@example.com`;
    await accounts.db.query(
      `INSERT INTO users (id, email, password_hash, roles, email_verified_at) VALUES ($1, $2, $3, $4, now())`,
      [userId, email, passwordHash, roles],
    );
    return { userId, email };
  }

  /** The same, logged in. */
  async function join(...roles: Role[]): Promise<Session & { email: string }> {
    const person = await open(...roles);
    return { ...(await accounts.session(person.email)), ...person };
  }

  const door = async (name: string, { accessToken }: Tokens) =>
    (await accounts.call('get', `/doors/${name}`, accessToken)).status;
  const setRoles = (who: Tokens, id: string, roles: unknown) =>
    accounts.call('put', `/admin/users/${id}/roles`, who.accessToken).send({ roles });
  const setActive = (who: Tokens, id: string, isActive: unknown) =>
    accounts.call('patch', `/admin/users/${id}`, who.accessToken).send({ isActive });
  const standingOf = async (id: string) =>
    (await accounts.db.query<Managed>(`SELECT roles, is_active AS "isActive" FROM users WHERE id = $1`, [id]))[0];
  const actsOn = (id: string) =>
    accounts.db.query(
      `SELECT act, actor_id AS "actorId", ip, device, before, after FROM audit_details WHERE subject = $1 ORDER BY event_id`,
      [`user-${id}`],
    );

  it('are listed newest first, found by the beginning of their address or by a role, page by page', async () => {
    const [first, second] = [await open('user'), await open('user', 'support')];
    const list = async (query: string) => {
      const { body } = await accounts.call('get', `/admin/users?${query}`, admin.accessToken).expect(200);
      return body as { data: Managed[]; next: string | null };
    };
    const page = await list('limit=1');
    expect(page.data.map(({ id }) => id)).toEqual([second.userId]);
    expect((await list(`limit=1&after=${page.next}`)).data.map(({ id }) => id)).toEqual([first.userId]);
    const found = await list(`q=${encodeURIComponent(first.email.slice(0, 20).toUpperCase())}`);
    expect(found.data.map(({ email }) => email)).toEqual([first.email]);
    expect((await list('role=support')).data.map(({ id }) => id)).toEqual([second.userId]);
    expect((await list('q=%25')).data).toEqual([]);
    await accounts.call('get', '/admin/users?role=owner', admin.accessToken).expect(400);
  });

  it('are shown to admins, with nothing that would let anybody in', async () => {
    const { userId, email } = await open('user');
    const { body } = await accounts.call('get', `/admin/users/${userId}`, admin.accessToken).expect(200);
    expect(body).toEqual({
      ...{ id: userId, email, displayName: null, locale: 'en', roles: ['user'], emailVerified: true },
      ...{ isActive: true, createdAt: expect.any(String) },
    });
    const { body: problem } = await accounts.call('get', `/admin/users/${randomUUID()}`, admin.accessToken).expect(404);
    expect(problem).toMatchObject({ code: 'user-not-found' });
  });

  it('are nobody else’s business', async () => {
    const [support, other] = [await join('user', 'support'), await join('user')];
    for (const who of [support, other]) {
      await accounts.call('get', '/admin/users', who.accessToken).expect(403);
      await accounts.call('get', `/admin/users/${admin.userId}`, who.accessToken).expect(403);
      await setActive(who, other.userId, false).expect(403);
      await setRoles(who, who.userId, ['user', 'admin']).expect(403);
    }
    expect(await standingOf(other.userId)).toEqual({ roles: ['user'], isActive: true });
  });

  it('end at once when shut: sessions, refreshing and logging in; opened again, nothing old comes back', async () => {
    const anna = await join('user');
    expect(await door('plain', anna)).toBe(200);

    const call = setActive(admin, anna.userId, false).set('User-Agent', 'an admin at a desk');
    expect((await call.expect(200)).body).toMatchObject({ id: anna.userId, isActive: false });
    for (const name of ['plain', 'sensitive']) expect(await door(name, anna)).toBe(401);
    await accounts.refresh(anna.refreshToken).expect(401);
    await accounts.logIn(anna.email).expect(401);

    await setActive(admin, anna.userId, false).expect(200);
    await setActive(admin, anna.userId, true).expect(200);
    expect(await door('plain', anna)).toBe(401);
    await accounts.refresh(anna.refreshToken).expect(401);
    await accounts.logIn(anna.email).expect(200);

    const from = { actorId: admin.userId, ip: expect.stringContaining('127.0.0.1') };
    expect(await actsOn(anna.userId)).toEqual([
      {
        ...{ act: 'users.deactivate', ...from, device: 'an admin at a desk' },
        ...{ before: { isActive: true }, after: { isActive: false } },
      },
      { act: 'users.activate', ...from, device: null, before: { isActive: false }, after: { isActive: true } },
    ]);
  });

  it('get other roles at once: old sessions end, a new one may what the new roles may', async () => {
    const anna = await join('user');
    expect(await door('admin', anna)).toBe(403);
    const { body } = await setRoles(admin, anna.userId, ['admin', 'user']).expect(200);
    expect(body).toMatchObject({ roles: ['user', 'admin'] });
    for (const name of ['plain', 'admin']) expect(await door(name, anna)).toBe(401);

    const promoted = await accounts.session(anna.email);
    expect(await door('admin', promoted)).toBe(200);
    await setRoles(admin, anna.userId, ['user', 'admin']).expect(200);
    expect(await door('admin', promoted)).toBe(200);
    await setRoles(admin, anna.userId, ['user']).expect(200);
    for (const name of ['plain', 'admin']) expect(await door(name, promoted)).toBe(401);

    const changes = (await accounts.eventsOf(`user-${anna.userId}`)).filter(({ name }) => /roles/.test(name));
    expect(changes).toHaveLength(2);
    expect(await actsOn(anna.userId)).toMatchObject([
      { act: 'users.set-roles', before: { roles: ['user'] }, after: { roles: ['user', 'admin'] } },
      { act: 'users.set-roles', before: { roles: ['user', 'admin'] }, after: { roles: ['user'] } },
    ]);
  });

  it.each([[[]], [['owner']], [['user', 'user']], ['admin'], [null], [undefined]])(
    'refuse the roles %j',
    async (roles) => {
      const { userId } = await join('user');
      const { body } = await setRoles(admin, userId, roles).expect(400);
      expect(body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '#/roles' }] });
      expect(await standingOf(userId)).toEqual({ roles: ['user'], isActive: true });
    },
  );

  it('keep their admins: nobody shuts themselves out', async () => {
    const { body } = await setRoles(admin, admin.userId, ['user']).expect(409);
    expect(body).toMatchObject({ code: 'own-admin-rights' });
    await setActive(admin, admin.userId, false).expect(409);
    await setRoles(admin, admin.userId, ['user', 'support', 'admin']).expect(200);
    expect(await standingOf(admin.userId)).toEqual({ roles: ['user', 'support', 'admin'], isActive: true });
    admin = { ...(await accounts.session(await emailOf(admin.userId))), userId: admin.userId };
  });

  async function emailOf(id: string): Promise<string> {
    return (await accounts.db.query<{ email: string }>(`SELECT email FROM users WHERE id = $1`, [id]))[0]?.email ?? '';
  }

  /** Two admins take the role from each other at the same moment; how many admins there are then, of these two. */
  async function duel(): Promise<{ statuses: number[]; admins: number }> {
    const [one, other] = [await join('user', 'admin'), await join('user', 'admin')];
    const replies = await Promise.all([setRoles(one, other.userId, ['user']), setActive(other, one.userId, false)]);
    const left = `SELECT id FROM users WHERE id = ANY ($1) AND is_active AND 'admin' = ANY (roles)`;
    const admins = await accounts.db.query(left, [[one.userId, other.userId]]);
    return { statuses: replies.map(({ status }) => status), admins: admins.length };
  }

  it('keep one of two admins who remove each other at once', async () => {
    let refused = 0;
    for (let round = 0; round < 6; round += 1) {
      const { statuses, admins } = await duel();
      expect(admins).toBe(1);
      // The second one is no admin any more: told so under the lock, or by a session that has ended.
      refused += statuses.filter((status) => status === 403 || status === 401).length;
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    }
    expect(refused).toBe(6);
  });

  it('would lose both without the lock', async () => {
    const repository = accounts.app.get(UsersAdminRepository, { strict: false });
    let waiting: (() => void)[] = [];
    // Both look before either writes, as it may happen where nobody waits for anybody.
    const spy = jest.spyOn(repository, 'lockAdmins').mockImplementation(async (tx) => {
      const rows = await tx.query<{ id: string }[]>(`SELECT id FROM users WHERE 'admin' = ANY (roles) AND is_active`);
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 2) waiting = (waiting.forEach((go) => go()), []);
      });
      return rows.map(({ id }) => id);
    });
    try {
      expect(await duel()).toEqual({ statuses: [200, 200], admins: 0 });
    } finally {
      spy.mockRestore();
    }
  });
});
