import { randomUUID } from 'node:crypto';
import type request from 'supertest';
import { newKey } from '../support/client.js';
import { Premises } from './authorisation.support.js';
import { Accounts, type Tokens } from './users.support.js';

type Session = Tokens & { userId: string; sessionId: string };

interface Made {
  readonly id: string;
  readonly key: string;
  readonly prefix: string;
}

const HOUR_MS = 3_600_000;

describe('API keys', () => {
  let accounts: Accounts;
  let anna: Session & { email: string };

  beforeAll(async () => {
    accounts = await Accounts.start();
    const email = `anna-${randomUUID()}@example.com`;
    anna = { ...(await accounts.join(email)), email };
  });

  afterAll(() => accounts.stop());

  const soon = () => new Date(Date.now() + HOUR_MS).toISOString();
  const ask = (body: object, who: Tokens = anna) => accounts.call('post', '/api-keys', who.accessToken).send(body);
  const withKey = (key: string, path = '/doors/plain', method: 'get' | 'post' | 'patch' | 'delete' = 'get') =>
    accounts.call(method, path).set('X-API-Key', key);
  const rowOf = async (id: string) => (await accounts.db.query(`SELECT * FROM api_keys WHERE id = $1`, [id]))[0] ?? {};

  async function make(scopes = ['orders.read'], who: Tokens = anna): Promise<Made> {
    const { body } = await ask({ name: 'nightly export', scopes, expiresAt: soon() }, who).expect(201);
    return body as Made;
  }

  async function expectRefused(call: request.Test): Promise<void> {
    const { body } = await call.expect(401);
    const { requestId, ...answer } = body as Record<string, unknown>;
    expect(requestId).toEqual(expect.any(String));
    expect(answer).toMatchObject({
      code: 'unauthenticated',
      detail: 'Send a valid token; log in again if it is refused.',
    });
  }

  it('are shown once, and stored as a hash', async () => {
    const reply = await ask({ name: ' nightly export ', scopes: ['orders.read', 'payments.read'], expiresAt: soon() });
    expect(reply.headers['cache-control']).toBe('no-store');
    const { key, ...shown } = reply.body as Made;
    expect(shown).toEqual({
      ...{ id: expect.any(String), name: 'nightly export', prefix: key.slice(0, 13), lastUsedAt: null },
      ...{ scopes: ['orders.read', 'payments.read'], expiresAt: expect.any(String), createdAt: expect.any(String) },
    });
    const secret = key.slice(7, 50);
    for (const table of ['api_keys', 'events', 'audit_details']) {
      const found = await accounts.db.query(
        `SELECT t::text AS row FROM ${table} AS t WHERE t::text LIKE '%' || $1 || '%'`,
        [secret],
      );
      expect(found).toEqual([]);
    }
    const { body } = await accounts.call('get', '/api-keys', anna.accessToken).expect(200);
    expect((body as { data: unknown[] }).data).toContainEqual(shown);
    expect(await accounts.eventsOf(`api-key-${shown.id}`)).toMatchObject([{ name: 'api-key.made', version: 1 }]);
  });

  it('say who asks: their owner, as far as they were given', async () => {
    const { key, id } = await make(['orders.read', 'orders.place']);
    const { body } = await withKey(key, '/doors/orders').expect(200);
    expect(body).toMatchObject({ id: anna.userId, scopes: ['orders.read', 'orders.place'], keyId: id });
    await withKey((await make(['payments.read'])).key, '/doors/orders').expect(403);
    await withKey(key, '/doors/admin').expect(403);
    expect((await rowOf(id)).last_used_at).toBeInstanceOf(Date);
  });

  it('are refused all alike: none of ours, revoked, expired, of an account that is shut, or beside a token', async () => {
    const { key, id } = await make();
    const [other, expired] = [await make(), await make()];
    await withKey(key, '/doors/orders').expect(200);
    const swapped = key.slice(0, 20) + (key[20] === 'A' ? 'B' : 'A') + key.slice(21);
    for (const wrong of [swapped, 'purser_', 'x', key.slice(0, -1), `${key}, ${key}`, `Bearer ${key}`, '']) {
      await expectRefused(withKey(wrong, '/doors/orders'));
    }
    await expectRefused(withKey(key, '/doors/orders').set('Authorization', `Bearer ${anna.accessToken}`));
    await expectRefused(accounts.call('get', '/doors/orders', key));

    await accounts.call('delete', `/api-keys/${id}`, anna.accessToken).expect(204);
    await expectRefused(withKey(key, '/doors/orders'));
    await accounts.db.query(`UPDATE api_keys SET expires_at = now() WHERE id = $1`, [expired.id]);
    await expectRefused(withKey(expired.key, '/doors/orders'));
    await accounts.db.query(`UPDATE users SET is_active = false WHERE id = $1`, [anna.userId]);
    await expectRefused(withKey(other.key, '/doors/orders'));
    await accounts.db.query(`UPDATE users SET is_active = true WHERE id = $1`, [anna.userId]);
    await withKey(other.key, '/doors/orders').expect(200);
  });

  it('would let a revoked one in, if nobody looked', async () => {
    const { key, id } = await make();
    await accounts.call('delete', `/api-keys/${id}`, anna.accessToken).expect(204);
    await expectRefused(withKey(key, '/doors/orders'));
    await accounts.db.query(`UPDATE api_keys SET revoked_at = NULL WHERE id = $1`, [id]);
    await withKey(key, '/doors/orders').expect(200);
  });

  it('never reach the account itself, its sessions or other keys', async () => {
    const { key, id } = await make();
    const account = [
      ['get', '/users/me'],
      ['patch', '/users/me'],
      ['get', '/users/me/sessions'],
      ['delete', '/users/me/sessions'],
      ['delete', `/users/me/sessions/${anna.sessionId}`],
      ['post', '/auth/logout'],
      ['get', '/api-keys'],
      ['post', '/api-keys'],
      ['delete', `/api-keys/${id}`],
      ['get', '/doors/plain'],
    ] as const;
    for (const [method, path] of account) {
      const { body } = await withKey(key, path, method).expect(403);
      expect(body).toMatchObject({ code: 'forbidden' });
    }
    await accounts.call('get', '/users/me', anna.accessToken).expect(200);
    expect(await rowOf(id)).toMatchObject({ revoked_at: null });
  });

  it('may never more than their owner, then or now', async () => {
    const body = { name: 'x', expiresAt: soon() };
    for (const scopes of [['ledger.read'], ['users.change'], ['orders.read', 'refunds.make'], ['all'], [], undefined]) {
      const reply = await ask({ ...body, scopes }).expect(400);
      expect(reply.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '#/scopes' }] });
    }
    await accounts.db.query(`UPDATE users SET roles = '{user,admin}' WHERE id = $1`, [anna.userId]);
    await ask({ ...body, scopes: ['users.change'] }).expect(400);
    const { key } = await make(['users.read']);
    await withKey(key, '/admin/users').expect(200);
    await withKey(key, `/admin/users/${anna.userId}`, 'patch').send({ isActive: true }).expect(403);
    await accounts.db.query(`UPDATE users SET roles = '{user}' WHERE id = $1`, [anna.userId]);
    await withKey(key, '/admin/users').expect(403);
  });

  it.each([
    ['no name', { name: ' ' }],
    ['a name of two lines', { name: 'a\nb' }],
    ['a past end', { expiresAt: '2020-01-01T00:00:00Z' }],
    ['an end beyond a year', { expiresAt: '2099-01-01T00:00:00Z' }],
    ['a day without a time', { expiresAt: '2027-01-01' }],
    ['no end', { expiresAt: null }],
    ['a secret of one’s own', { key: 'purser_mine' }],
    ['somebody else’s id', { userId: randomUUID() }],
  ])('are not made with %s', async (_what, wrong) => {
    const before = await accounts.db.query(`SELECT count(*) FROM api_keys`);
    await ask({ name: 'x', scopes: ['orders.read'], expiresAt: soon(), ...wrong }).expect(400);
    expect(await accounts.db.query(`SELECT count(*) FROM api_keys`)).toEqual(before);
  });

  it('are nobody else’s to see or revoke', async () => {
    const ben = await accounts.join(`ben-${randomUUID()}@example.com`);
    const { id, key } = await make();
    const { body } = await accounts.call('delete', `/api-keys/${id}`, ben.accessToken).expect(404);
    expect(body).toMatchObject({ code: 'api-key-not-found' });
    const list = await accounts.call('get', '/api-keys', ben.accessToken).expect(200);
    expect(list.body).toEqual({ data: [], next: null });
    await withKey(key, '/doors/orders').expect(200);
    await accounts.call('delete', `/api-keys/${id}`, anna.accessToken).expect(204);
    await accounts.call('delete', `/api-keys/${id}`, anna.accessToken).expect(404);
  });

  it('are at most twenty, also when they are made at once', async () => {
    const carl = await accounts.join(`carl-${randomUUID()}@example.com`);
    const body = { name: 'x', scopes: ['orders.read'], expiresAt: soon() };
    const replies = await Promise.all(Array.from({ length: 25 }, () => ask(body, carl)));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(20);
    const refused = replies.filter(({ status }) => status === 409);
    expect(refused.map(({ body: { code } }: { body: { code: string } }) => code)).toEqual(
      Array(5).fill('too-many-api-keys'),
    );
  });

  it('cost one statement once their use is noted', async () => {
    const { key } = await make();
    await withKey(key, '/doors/orders').expect(200);
    expect(await accounts.statementsIn(() => withKey(key, '/doors/orders').expect(200))).toBe(1);
  });
});

describe('a program with an API key', () => {
  it('is counted as its owner', async () => {
    const accounts = await Accounts.start({ RATE_LIMIT_PER_USER_PER_MINUTE: '5' });
    try {
      const { accessToken } = await accounts.join(`dora-${randomUUID()}@example.com`);
      const body = { name: 'x', scopes: ['orders.read'], expiresAt: new Date(Date.now() + HOUR_MS).toISOString() };
      const made = await accounts.call('post', '/api-keys', accessToken).send(body).expect(201);
      const { key } = made.body as Made;
      const ask = () => accounts.call('get', '/doors/orders').set('X-API-Key', key);
      for (let left = 3; left >= 0; left -= 1) {
        expect((await ask().expect(200)).headers['ratelimit-remaining']).toBe(String(left));
      }
      await ask().expect(429);
      await accounts.call('get', '/doors/plain', accessToken).expect(429);
    } finally {
      await accounts.stop();
    }
  });

  it('repeats what its owner began: one order per Idempotency-Key', async () => {
    const premises = await Premises.open();
    try {
      const { owner, product } = await premises.world('/v1/orders');
      const { key } = await premises.keyOf(owner, ['orders.place']);
      const asked = { key: newKey(), body: { items: [{ productId: product, quantity: 1 }] } };
      const first = await premises.client(owner.token).post('/v1/orders', asked);
      const second = await premises.client().post('/v1/orders', { ...asked, headers: { 'x-api-key': key } });
      expect([first.status, second.status, second.body.id]).toEqual([201, 201, first.body.id]);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
    } finally {
      await premises.close();
    }
  });
});
