import type { Permission } from '../../src/contracts/permissions.js';
import { newId } from '../../src/shared/ids.js';
import { expectStatus, newKey } from '../support/client.js';
import { PASSWORD, type Actor, type Premises, type World } from './authorisation.support.js';

/** In the order of the columns below. */
const COLUMNS = ['anonymous', 'owner', 'other', 'support', 'admin', 'keyWith', 'keyWithout'] as const;

export interface Row {
  readonly expected: Readonly<Record<Actor, number>>;
  /** A body the route takes; fresh for each who asks. */
  readonly body?: (world: World) => object;
  /** What the route asks for, where the document does not show it. */
  readonly permissions?: readonly Permission[];
  /** What has to be so before anybody asks. */
  readonly prepare?: (world: World, premises: Premises) => Promise<unknown>;
}

type Extras = Omit<Row, 'expected'>;

/** Statuses in the order of {@link COLUMNS}. */
function row(statuses: string, extras: Extras = {}): Row {
  const list = statuses.split(' ').map(Number);
  const expected = Object.fromEntries(COLUMNS.map((column, index) => [column, list[index]])) as Row['expected'];
  return { expected, ...extras };
}

const paymentOf = ({ belongings }: World) => belongings.payments;

const bodies = {
  registration: () => ({ email: `new-${newId()}@purser.test`, password: PASSWORD }),
  login: ({ owner }: World) => ({ email: owner.email, password: PASSWORD }),
  product: () => ({ sku: newId(), name: 'Cup', unitAmount: 900 }),
  order: ({ product }: World) => ({ items: [{ productId: product, quantity: 1 }] }),
  confirmation: () => ({ reference: newId(), receivedAmount: 1_490 }),
  forgotten: ({ owner }: World) => ({ email: owner.email }),
  mailed: () => ({ token: 'x' }),
  reset: () => ({ token: 'x', password: `another ${PASSWORD}` }),
  address: () => ({ currentPassword: PASSWORD, email: `new-${newId()}@purser.test` }),
  password: () => ({ currentPassword: PASSWORD, password: `another ${PASSWORD}` }),
  farewell: () => ({ currentPassword: PASSWORD }),
  current: () => ({ currentPassword: PASSWORD }),
  code: () => ({ code: '123456' }),
  key: () => ({ name: 'export', scopes: ['orders.read'], expiresAt: new Date(Date.now() + 60_000).toISOString() }),
};

const prepare = {
  authorized: (world: World, { db }: Premises) =>
    db.query(
      `UPDATE payments SET payment_method = 'card', capture_method = 'manual', status = 'authorized', provider = 'stripe',
         provider_payment_id = 'pi_' || id WHERE id = $1`,
      [paymentOf(world)],
    ),
  paid: async (world: World, premises: Premises) => {
    const { token } = await premises.person('admin');
    const asked = { key: newKey(), body: bodies.confirmation() };
    expectStatus(await premises.client(token).post(`/v1/payments/${paymentOf(world)}/confirm`, asked), 200);
  },
  reviewed: (world: World, { db }: Premises) =>
    db.query(`INSERT INTO reviews (id, payment_id, reason, evidence) VALUES ($1, $2, 'amount-differs', '{}')`, [
      newId(),
      paymentOf(world),
    ]),
  parked: async ({ belongings }: World, { db }: Premises) => {
    belongings.deliveries = newId();
    await db.query(
      `INSERT INTO events (id, stream, version, name, payload) VALUES ($1::uuid, 'x-' || $1::uuid, 1, 'notification.queued', '{}')`,
      [belongings.deliveries],
    );
    await db.query(`INSERT INTO event_deliveries (event_id, subscriber, dead_at) VALUES ($1, 'mailer', now())`, [
      belongings.deliveries,
    ]);
  },
  reconciled: async ({ belongings }: World, { db }: Premises) => {
    belongings.reconciliations = newId();
    await db.query(
      `INSERT INTO reconciliations (id, window_from, window_to) VALUES ($1, now() - interval '1 day', now())`,
      [belongings.reconciliations],
    );
  },
};

/**
 * Who gets where: one row per route, and the suite fails for a route that has none. `owner` asks
 * about what is theirs and everybody else about the same; `keyWith` is an API key with the one scope the route asks for,
 * `keyWithout` one with every other. 2xx and 409 were let in; another's thing is 404.
 */
export const MATRIX: Readonly<Record<string, Row>> = {
  //                                                anonymous owner other support admin keyWith keyWithout
  'GET /': row('200 200 200 200 200 200 200'),
  'GET /login': row('200 200 200 200 200 200 200'),
  'GET /admin/queues': row('401 403 403 403 200 200 403', { permissions: ['deliveries.read'] }),
  'GET /admin/queues/*path': row('401 403 403 403 200 200 403', { permissions: ['deliveries.read'] }),
  'GET /health/live': row('200 200 200 200 200 200 200'),
  'GET /health/ready': row('200 200 200 200 200 200 200'),
  'GET /health/startup': row('200 200 200 200 200 200 200'),
  'GET /metrics': row('401 401 401 401 401 401 401'),

  'POST /v1/auth/register': row('202 202 202 202 202 202 202', { body: bodies.registration }),
  'POST /v1/auth/login': row('200 200 200 200 200 200 200', { body: bodies.login }),
  'POST /v1/auth/mfa': row('401 401 401 401 401 401 401'),
  'POST /v1/auth/refresh': row('401 401 401 401 401 401 401', { body: () => ({ refreshToken: 'x' }) }),
  'POST /v1/auth/logout': row('401 204 204 204 204 403 403'),
  'POST /v1/auth/verify-email': row('400 400 400 400 400 400 400', { body: bodies.mailed }),
  'GET /v1/auth/verify-email': row('200 200 200 200 200 200 200'),

  'POST /v1/auth/forgot-password': row('202 202 202 202 202 202 202', { body: bodies.forgotten }),
  'POST /v1/auth/reset-password': row('400 400 400 400 400 400 400', { body: bodies.reset }),
  'GET /v1/auth/reset-password': row('200 200 200 200 200 200 200'),
  'POST /v1/data-exports': row('400 400 400 400 400 400 400', { body: bodies.mailed }),
  'GET /v1/data-exports': row('200 200 200 200 200 200 200'),

  'GET /v1/users/me': row('401 200 200 200 200 403 403'),
  'PATCH /v1/users/me': row('401 200 200 200 200 403 403', { body: () => ({ locale: 'de' }) }),
  'PUT /v1/users/me/email': row('401 202 202 202 202 403 403', { body: bodies.address }),
  'PUT /v1/users/me/password': row('401 204 204 204 204 403 403', { body: bodies.password }),
  'POST /v1/users/me/export': row('401 202 202 202 202 403 403'),
  'DELETE /v1/users/me': row('401 202 202 202 409 403 403', { body: bodies.farewell }),
  'GET /v1/users/me/sessions': row('401 200 200 200 200 403 403'),
  'DELETE /v1/users/me/sessions': row('401 204 204 204 204 403 403'),
  'DELETE /v1/users/me/sessions/{id}': row('401 204 404 404 404 403 403'),
  'POST /v1/users/me/mfa': row('401 201 201 201 201 403 403', { body: bodies.current }),
  'POST /v1/users/me/mfa/confirm': row('401 409 409 409 409 403 403', { body: bodies.code }),
  'DELETE /v1/users/me/mfa': row('401 409 409 409 409 403 403', {
    body: () => ({ ...bodies.current(), ...bodies.code() }),
  }),
  'GET /v1/api-keys': row('401 200 200 200 200 403 403'),
  'POST /v1/api-keys': row('401 201 201 201 201 403 403', { body: bodies.key }),
  'DELETE /v1/api-keys/{id}': row('401 204 404 404 404 403 403'),

  'GET /v1/products': row('200 200 200 200 200 200 200'),
  'GET /v1/products/{id}': row('200 200 200 200 200 200 200'),
  'POST /v1/products': row('401 403 403 403 201 201 403', { body: bodies.product }),
  'PATCH /v1/products/{id}': row('401 403 403 403 200 200 403', { body: () => ({ name: newId() }) }),
  'POST /v1/products/{id}/stock-adjustments': row('401 403 403 403 201 201 403', {
    body: () => ({ delta: 1, reason: 'found' }),
  }),
  'GET /v1/admin/products': row('401 403 403 403 200 200 403'),
  'GET /v1/admin/products/{id}': row('401 403 403 403 200 200 403'),

  'POST /v1/orders': row('401 201 201 201 201 201 403', { body: bodies.order }),
  'GET /v1/orders': row('401 200 200 200 200 200 403'),
  'GET /v1/orders/{id}': row('401 200 404 200 200 200 403'),
  'GET /v1/orders/{id}/timeline': row('401 200 404 200 200 200 403'),
  'POST /v1/orders/{id}/cancel': row('401 200 404 200 200 200 403', { body: () => ({ reason: 'not wanted' }) }),

  'POST /v1/orders/{id}/payments': row('401 409 404 404 404 409 403', {
    body: () => ({ paymentMethod: 'bank_transfer' }),
  }),
  'GET /v1/orders/{id}/payments': row('401 200 404 200 200 200 403'),
  'GET /v1/payments/{id}': row('401 200 404 200 200 200 403'),
  'POST /v1/payments/{id}/cancel': row('401 200 404 200 200 200 403'),
  'POST /v1/payments/{id}/capture': row('401 403 403 202 409 409 403', {
    body: () => ({ amount: 1_000 }),
    prepare: prepare.authorized,
  }),
  'POST /v1/payments/{id}/confirm': row('401 403 403 403 200 409 403', { body: bodies.confirmation }),
  'POST /v1/payments/{id}/refunds': row('401 403 403 201 201 201 403', {
    body: () => ({ amount: 100, reason: 'broken' }),
    prepare: prepare.paid,
  }),
  'GET /v1/payments/{id}/refunds': row('401 403 403 200 200 200 403'),

  'GET /v1/notifications': row('401 200 200 200 200 200 403'),
  'POST /v1/webhooks/stripe': row('400 400 400 400 400 400 400'),

  'GET /v1/admin/users': row('401 403 403 403 200 200 403'),
  'GET /v1/admin/users/{id}': row('401 403 403 403 200 200 403'),
  'PATCH /v1/admin/users/{id}': row('401 403 403 403 200 403 403', { body: () => ({ isActive: false }) }),
  'PUT /v1/admin/users/{id}/roles': row('401 403 403 403 200 403 403', { body: () => ({ roles: ['support'] }) }),
  'GET /v1/admin/audit': row('401 403 403 403 200 200 403'),
  'GET /v1/admin/ledger/trial-balance': row('401 403 403 403 200 200 403'),
  'GET /v1/admin/ledger/accounts/{name}/entries': row('401 403 403 403 200 200 403'),
  'GET /v1/admin/reviews': row('401 403 403 200 200 200 403'),
  'POST /v1/admin/reviews/{paymentId}/resolve': row('401 403 403 200 409 409 403', {
    body: () => ({ outcome: 'dismissed', note: 'looked at it' }),
    prepare: prepare.reviewed,
  }),
  'GET /v1/admin/deliveries': row('401 403 403 403 200 200 403'),
  'POST /v1/admin/deliveries/{eventId}/{subscriber}/replay': row('401 403 403 403 202 409 403', {
    prepare: prepare.parked,
  }),
  'POST /v1/admin/reconciliations': row('401 403 403 403 202 202 403', { body: () => ({}) }),
  'GET /v1/admin/reconciliations': row('401 403 403 403 200 200 403'),
  'GET /v1/admin/reconciliations/{id}': row('401 403 403 403 200 200 403', { prepare: prepare.reconciled }),
  'GET /v1/admin/schedules': row('401 403 403 403 200 200 403'),
};
