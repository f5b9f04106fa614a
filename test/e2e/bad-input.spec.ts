import { createHmac } from 'node:crypto';
import { type Asked, type Client, newKey } from '../support/client.js';
import { expectRefused, type Refusal } from '../support/refusals.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { PASSWORD } from '../support/shop-environment.js';

jest.setTimeout(120_000);

const JWT_SECRET = 'the-jwt-secret-of-this-test-file-only-1';
const NOBODYS_ID = '0190a1b2-0000-7000-8000-00000000dead';

let shop: RunningShop;
let anna: Client;
let product: string;
let annasOrder: string;
let bensOrder: string;
let bensPayment: string;
let euros: string;
let dear: string;

beforeAll(async () => {
  shop = await startShop({ env: { JWT_SECRET } });
  anna = await shop.as('anna@purser.test');
  const ben = await shop.as('ben@purser.test');
  product = (await shop.product()).id;
  euros = (await shop.product({ currency: 'EUR' })).id;
  dear = (await shop.product({ unitAmount: 99_999_999 })).id;
  annasOrder = (await shop.order(anna)).id;
  bensOrder = (await shop.order(ben)).id;
  bensPayment = (await ben.pay(bensOrder)).body.id;
  await shop.quiet();
});

afterAll(async () => {
  expect(await shop.violations()).toEqual({});
  await shop?.stop();
});

const line = (quantity: unknown, productId: unknown = product) => ({ productId, quantity });
const invalid = (pointer?: string): Refusal => ({
  status: 400,
  code: 'invalid-request',
  ...(pointer ? { pointer } : {}),
});

describe('an order is not placed', () => {
  it.each<[string, () => Asked, Refusal]>([
    ['malformed JSON', () => ({ raw: '{"items": [' }), { status: 400, code: 'malformed-json' }],
    ['no body', () => ({}), invalid()],
    ['a list for a body', () => ({ body: [line(1)] }), invalid()],
    ['no items', () => ({ body: { items: [] } }), invalid('#/items')],
    ['items that are no list', () => ({ body: { items: 'two mugs' } }), invalid('#/items')],
    ['an item that is no object', () => ({ body: { items: [7] } }), invalid()],
    [
      'more than fifty items',
      () => ({ body: { items: Array.from({ length: 51 }, () => line(1)) } }),
      invalid('#/items'),
    ],
    ['a product twice', () => ({ body: { items: [line(1), line(2)] } }), invalid('#/items')],
    ['quantity 0', () => ({ body: { items: [line(0)] } }), invalid('#/items/0/quantity')],
    ['a negative quantity', () => ({ body: { items: [line(-1)] } }), invalid('#/items/0/quantity')],
    ['a huge quantity', () => ({ body: { items: [line(1e15)] } }), invalid('#/items/0/quantity')],
    ['half a unit', () => ({ body: { items: [line(0.5)] } }), invalid('#/items/0/quantity')],
    ['a quantity in words', () => ({ body: { items: [line('2')] } }), invalid('#/items/0/quantity')],
    ['no quantity', () => ({ body: { items: [{ productId: product }] } }), invalid('#/items/0/quantity')],
    ['a product id that is none', () => ({ body: { items: [line(1, 'mug')] } }), invalid('#/items/0/productId')],
    ['an unknown field', () => ({ body: { items: [line(1)], totalAmount: 1 } }), invalid('#/totalAmount')],
    [
      'a price of its own',
      () => ({ body: { items: [{ ...line(1), unitAmount: 1 }] } }),
      invalid('#/items/0/unitAmount'),
    ],
    [
      'an unknown product',
      () => ({ body: { items: [line(1, NOBODYS_ID)] } }),
      { status: 422, code: 'unknown-product' },
    ],
    [
      'two currencies',
      () => ({ body: { items: [line(1), line(1, euros)] } }),
      { status: 422, code: 'mixed-currencies' },
    ],
    ['too large a total', () => ({ body: { items: [line(2, dear)] } }), { status: 422, code: 'order-total-too-large' }],
    ['no key', () => ({ body: { items: [line(1)] }, key: '' }), { status: 400, code: 'idempotency-key-required' }],
    ['too short a key', () => ({ body: { items: [line(1)] }, key: 'short' }), invalid('#/Idempotency-Key')],
    ['too long a key', () => ({ body: { items: [line(1)] }, key: 'k'.repeat(256) }), invalid('#/Idempotency-Key')],
    [
      'a form instead of JSON',
      () => ({ raw: 'items=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      { status: 415, code: 'unsupported-media-type' },
    ],
  ])('with %s', async (_what, asked, refusal) => {
    await expectRefused(shop, () => anna.post('/v1/orders', { key: newKey(), ...asked() }), refusal);
  });

  it('with a key that belongs to another request, whose answer stays', async () => {
    const key = newKey();
    const first = await anna.tryToPlace([{ productId: product, quantity: 1 }], { key });
    expect(first.status).toBe(201);
    await shop.quiet();

    const body = { items: [line(2)] };
    const reused: Refusal = { status: 422, code: 'idempotency-key-reused' };
    await expectRefused(shop, () => anna.post('/v1/orders', { key, body }), reused);

    const again = await anna.tryToPlace([{ productId: product, quantity: 1 }], { key });
    expect([again.status, again.text]).toEqual([201, first.text]);
  });
});

describe('a payment is not made', () => {
  const card = { paymentMethod: 'card', paymentMethodId: 'pm_card_visa' };
  const key = newKey();
  it.each<[string, { order: () => string; asked?: Asked; refusal: Refusal }]>([
    ['of an unknown order', { order: () => NOBODYS_ID, refusal: { status: 404, code: 'order-not-found' } }],
    ["of somebody else's order", { order: () => bensOrder, refusal: { status: 404, code: 'order-not-found' } }],
    ['of an id that is none', { order: () => 'mine', refusal: invalid('#/id') }],
    [
      'with an unknown method',
      { order: () => annasOrder, asked: { body: { paymentMethod: 'gold' } }, refusal: invalid('#/paymentMethod') },
    ],
    [
      'with an amount of its own',
      { order: () => annasOrder, asked: { body: { ...card, amount: 1 } }, refusal: invalid('#/amount') },
    ],
    [
      'with the number of a card',
      {
        order: () => annasOrder,
        asked: { body: { ...card, paymentMethodId: '4242 4242 4242 4242' } },
        refusal: invalid('#/paymentMethodId'),
      },
    ],
    [
      'without a key',
      { order: () => annasOrder, asked: { key: '' }, refusal: { status: 400, code: 'idempotency-key-required' } },
    ],
  ])('%s', async (_what, { order, asked, refusal }) => {
    const path = `/v1/orders/${order()}/payments`;
    await expectRefused(shop, () => anna.post(path, { key, body: card, ...asked }), refusal);
    expect(await shop.sandbox.captures({ orderId: order() })).toHaveLength(order() === bensOrder ? 1 : 0);
  });
});

it.each<[string, () => string]>([
  ['order', () => `/v1/orders/${bensOrder}`],
  ['timeline', () => `/v1/orders/${bensOrder}/timeline`],
  ['list of payments', () => `/v1/orders/${bensOrder}/payments`],
  ['payment', () => `/v1/payments/${bensPayment}`],
])("answers about somebody else's %s as if there were none", async (_what, path) => {
  const theirs = await anna.get(path());
  const nobodys = await anna.get(path().replace(/[0-9a-f-]{36}/, NOBODYS_ID));

  expect([theirs.status, nobodys.status]).toEqual([404, 404]);
  expect(theirs.body.code).toBe(nobodys.body.code);
  expect((await (await shop.as('ben@purser.test')).get(path())).status).toBe(200);
});

describe('a token is refused', () => {
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const seconds = () => Math.floor(Date.now() / 1_000);

  function token(header: object, claims: object, secret = JWT_SECRET): string {
    const payload = `${encoded(header)}.${encoded(claims)}`;
    return `${payload}.${createHmac('sha256', secret).update(payload).digest('base64url')}`;
  }

  /** Header and claims of a token that was let in a moment ago. */
  async function parts() {
    const { body } = await shop.visitor.post('/v1/auth/login', {
      body: { email: 'anna@purser.test', password: PASSWORD },
    });
    const [header = '', claims = ''] = body.accessToken.split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
    return { header: read(header), claims: read(claims), accessToken: body.accessToken };
  }

  type Parts = Awaited<ReturnType<typeof parts>>;
  it.each<[string, (given: Parts) => string | undefined]>([
    ['that is not there', () => undefined],
    ['that is none', () => 'Bearer hello'],
    ['of another scheme', ({ accessToken }) => `Basic ${accessToken}`],
    [
      'that has expired',
      ({ header, claims }) => `Bearer ${token(header, { ...claims, iat: seconds() - 1_200, exp: seconds() - 600 })}`,
    ],
    ['that never expires', ({ header, claims }) => `Bearer ${token(header, { ...claims, exp: undefined })}`],
    ['signed by somebody else', ({ header, claims }) => `Bearer ${token(header, claims, 'x'.repeat(40))}`],
    ['signed by nobody', ({ header, claims }) => `Bearer ${encoded({ ...header, alg: 'none' })}.${encoded(claims)}.`],
    [
      'with altered claims',
      ({ header, claims, accessToken }) =>
        `Bearer ${encoded(header)}.${encoded({ ...claims, roles: ['admin'] })}.${accessToken.split('.')[2]}`,
    ],
    ['of a session there is not', ({ header, claims }) => `Bearer ${token(header, { ...claims, sid: NOBODYS_ID })}`],
    ["of somebody else's session", ({ header, claims }) => `Bearer ${token(header, { ...claims, sub: NOBODYS_ID })}`],
  ])('%s', async (_what, forge) => {
    const authorization = forge(await parts());
    await shop.quiet();
    const headers: Record<string, string> = authorization ? { authorization } : {};

    const refusal: Refusal = { status: 401, code: 'unauthenticated' };
    await expectRefused(shop, () => shop.visitor.get(`/v1/orders/${annasOrder}`, { headers }), refusal);
  });

  it('not when nothing about it was changed (control)', async () => {
    const { header, claims } = await parts();
    const headers = { authorization: `Bearer ${token(header, claims)}` };

    expect((await shop.visitor.get(`/v1/orders/${annasOrder}`, { headers })).status).toBe(200);
  });
});

it.each([
  ['GET', '/v1/treasure', { status: 404, code: 'route-not-found' }],
  ['POST', '/v1/orders/x/treasure', { status: 404, code: 'route-not-found' }],
  ['GET', '/etc/passwd', { status: 404, code: 'route-not-found' }],
])('does not know %s %s', async (method, path, refusal) => {
  await expectRefused(shop, () => anna.request(method, path), refusal);
});

it.each([
  ['DELETE', '/v1/orders', ['GET', 'HEAD', 'POST']],
  ['PUT', `/v1/orders/${NOBODYS_ID}`, ['GET', 'HEAD']],
  ['PATCH', '/v1/auth/login', ['POST']],
  ['GET', '/v1/webhooks/stripe', ['POST']],
])('tells what is allowed instead of %s %s', async (method, path, allowed) => {
  const reply = await expectRefused(shop, () => anna.request(method, path), {
    status: 405,
    code: 'method-not-allowed',
  });
  expect(reply.headers.get('allow')?.split(/,\s*/).sort()).toEqual(allowed);
});

it('lets only the admin change the catalogue', async () => {
  const body = { sku: 'MINE-1', name: 'Mine', description: '', unitAmount: 1, currency: 'USD', isActive: true };
  await expectRefused(shop, () => anna.post('/v1/products', { body }), { status: 403, code: 'forbidden' });
});
