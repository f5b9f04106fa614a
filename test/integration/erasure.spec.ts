import { tell } from '../support/figures.js';
import { PASSWORD } from '../support/shop-environment.js';
import { tampering } from '../support/tampering.js';
import { WholeShop } from './erasure.support.js';

jest.setTimeout(180_000);

const EMAIL = 'canary.anna@example.com';

describe('a person', () => {
  let shop: WholeShop;
  let admin: string;

  beforeAll(async () => {
    shop = await WholeShop.start();
    admin = await shop.admin();
  });

  afterAll(() => shop?.stop());

  /** Whatever one can leave behind: an account, wrong guesses, orders paid in two ways, one given up, letters. */
  async function lived(email: string): Promise<{ id: string; token: string }> {
    const anna = await shop.join(email, 'Canary Anna');
    await shop.call('patch', '/users/me', anna.token).send({ locale: 'de-AT' }).expect(200);
    await shop.call('post', '/auth/login').send({ email, password: 'canary guess' }).expect(401);
    await shop.call('post', '/auth/forgot-password').send({ email }).expect(202);
    await shop.call('post', '/users/me/export', anna.token).expect(202);
    const body = { currentPassword: PASSWORD, email: `new.${email}` };
    await shop.call('put', '/users/me/email', anna.token).send(body).expect(202);

    const key = {
      name: 'canary export',
      scopes: ['orders.read'],
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    };
    await shop.call('post', '/api-keys', anna.token).send(key).expect(201);

    await shop.order(anna.token, 'card');
    const { paymentId } = await shop.order(anna.token, 'bank_transfer');
    await shop.confirm(admin, paymentId);
    const { id } = await shop.order(anna.token);
    const reason = { reason: 'the canary changed its mind' };
    await shop.call('post', `/orders/${id}/cancel`, anna.token).send(reason).expect(200);
    await shop.tellOfCharge();
    await shop.settle();
    return anna;
  }

  const erase = (token: string, currentPassword = PASSWORD) =>
    shop.call('delete', '/users/me', token).send({ currentPassword });

  it('gets everything that is kept about them, by a link in a mail that nobody else can make', async () => {
    const ben = await shop.join('ben@example.com', 'Ben');
    const order = await shop.order(ben.token, 'card');
    await shop.call('post', '/users/me/export', ben.token).expect(202);
    await shop.settle();
    const [letter] = await shop.db.query(
      `SELECT status FROM notifications WHERE user_id = $1 AND kind = 'data-export'`,
      [ben.id],
    );
    expect(letter).toEqual({ status: 'sent' });

    const token = await shop.linkedToken(ben.id, 'export-data');
    const { body, headers } = await shop.call('post', '/data-exports').send({ token }).expect(200);
    expect(headers['cache-control']).toBe('no-store');
    const { records } = body as { records: Record<string, object[]> };
    expect(records).toMatchObject({
      account: [{ id: ben.id, email: 'ben@example.com', displayName: 'Ben' }],
      sessions: [{ device: 'CanaryBrowser/1.0' }],
      orders: [{ id: order.id, items: [{ quantity: 1 }] }],
      payments: [{ id: order.paymentId, paymentMethod: 'card' }],
      refunds: [],
    });
    expect(records['notifications']?.length).toBeGreaterThan(2);
    expect(JSON.stringify(records)).not.toMatch(/argon2|password|seed|Canary Anna/);

    for (const bad of [await shop.linkedToken(ben.id, 'reset-password'), `${token}x`, '']) {
      await shop.call('post', '/data-exports').send({ token: bad }).expect(400);
    }
    const page = await shop.call('get', `/data-exports?token=${token}`).expect(200);
    expect(page.text).not.toContain(token);
    const change = { currentPassword: PASSWORD, password: 'another long password' };
    await shop.call('put', '/users/me/password', ben.token).send(change).expect(204);
    await shop.call('post', '/data-exports').send({ token }).expect(400);
    await erase(ben.token, 'another long password').expect(202);
    await shop.settle();
  });

  it('is not erased by a wrong password, nor while an order is to be paid', async () => {
    const carl = await shop.join('carl@example.com', 'Carl');
    await erase(carl.token, 'a guess').expect(400);
    const { id } = await shop.order(carl.token, 'bank_transfer');
    const { body } = await erase(carl.token).expect(409);
    expect(body).toMatchObject({ code: 'orders-pending', pendingOrders: 1 });
    await shop.call('get', '/users/me', carl.token).expect(200);

    await shop.call('post', `/orders/${id}/cancel`, carl.token).expect(200);
    await erase(carl.token).expect(202);
    await shop.settle();
  });

  it('is not erased while they run the shop', async () => {
    const { body } = await erase(admin).expect(409);
    expect(body).toMatchObject({ code: 'own-admin-rights' });
  });

  it('is gone everywhere once erased, and the books are as they were', async () => {
    const anna = await lived(EMAIL);
    const second = await shop.logIn(EMAIL, PASSWORD);
    expect(await shop.traces()).toEqual(expect.arrayContaining(['api_keys', 'orders', 'sessions', 'users']));
    const books = await shop.books();
    const reset = await shop.linkedToken(anna.id, 'reset-password');

    await erase(anna.token).expect(202);
    for (const { token } of [anna, second]) {
      await shop.call('get', '/users/me', token).expect(401);
      await shop.call('get', '/orders', token).expect(401);
    }
    await shop.settle();

    const traces = await shop.traces();
    tell('erasure', `${traces.length} traces of a person in any table or key, the books as before`);
    expect(traces).toEqual([]);
    expect(await shop.books()).toEqual(books);
    await shop.call('post', '/auth/login').send({ email: EMAIL, password: PASSWORD }).expect(401);
    const login = { email: `${anna.id}@erased.invalid`, password: PASSWORD };
    await shop.call('post', '/auth/login').send(login).expect(401);
    await shop.call('post', '/auth/reset-password').send({ token: reset, password: PASSWORD }).expect(400);

    const again = await shop.join(EMAIL, 'Another');
    expect(again.id).not.toBe(anna.id);
    const { body } = await shop.call('get', '/orders', again.token).expect(200);
    expect(body).toMatchObject({ data: [] });
    await erase(again.token).expect(202);
    await shop.settle();
  });

  it('is found where a subscriber is left out (control)', async () => {
    const dora = await lived('canary.dora@example.com');
    await tampering.ordersDoNotHearOfErasures(shop.db);
    await erase(dora.token).expect(202);
    await shop.settle();
    expect(await shop.traces()).toEqual(['orders']);
  });
});
