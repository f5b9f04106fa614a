import { randomUUID } from 'node:crypto';
import type { Request } from 'autocannon';
import type { Fixture } from './fixture.js';

const ORDERS_PER_CONNECTION = 50;
const PRODUCTS_PER_CONNECTION = 30;
const LINES = 3;
const PAGE = 20;
const CATALOGUE_PAGE = 50;
const CONNECTIONS_OF_MIXTURE = 32;

export type Headers = Readonly<Record<string, string>>;

/** The requests of one connection. Each has orders and products of its own, so that nobody waits for another's row. */
export type RequestsOf = (connection: number) => Request[];

/** Both sides get the same headers; the reference looks at no token, and is told whose order it is. */
export function headersOf(userId: string, token: string): Headers {
  return { authorization: `Bearer ${token}`, 'x-user-id': userId };
}

export function reads({ orderIds }: Fixture, headers: Headers): RequestsOf {
  return (connection) =>
    part(orderIds, connection, ORDERS_PER_CONNECTION).map((id) => ({
      method: 'GET',
      path: `/v1/orders/${id}`,
      headers,
    }));
}

/** The first page of the customer's own orders. */
export function lists(headers: Headers): RequestsOf {
  return () => [{ method: 'GET', path: `/v1/orders?limit=${PAGE}`, headers }];
}

/** A page of fifty products: the same for everybody, so it is found in the cache. */
export function catalogue(headers: Headers): RequestsOf {
  return () => [{ method: 'GET', path: `/v1/products?limit=${CATALOGUE_PAGE}`, headers }];
}

/** The same page under an address nobody has asked for: `after` is lower than every id, and never the same. */
export function uncachedCatalogue(headers: Headers): RequestsOf {
  return () => [
    {
      method: 'GET',
      path: '/v1/products',
      headers,
      setupRequest: (request) => ({ ...request, path: `/v1/products?limit=${CATALOGUE_PAGE}&after=${lowId()}` }),
    },
  ];
}

/** Nine reads of orders, lists and the catalogue for each order that is placed. */
export function mixture(fixture: Fixture, headers: Headers): () => Request {
  const { orderIds } = fixture;
  const places = Array.from({ length: CONNECTIONS_OF_MIXTURE }, (_, n) => placements(fixture, headers)(n)).flat();
  const [list, page] = [lists(headers)(0), catalogue(headers)(0)].flat();
  let count = 0;
  return () => {
    const n = count++;
    const read: Request = { method: 'GET', path: `/v1/orders/${orderIds[n % orderIds.length]}`, headers };
    const turns = [places[((n / 10) % places.length) | 0], list, page];
    return turns[n % 10] ?? read;
  };
}

/** Orders of three lines, every one under a key of its own. */
export function placements({ productIds }: Fixture, headers: Headers): RequestsOf {
  return (connection) => {
    const own = part(productIds, connection, PRODUCTS_PER_CONNECTION);
    return Array.from({ length: own.length / LINES }, (_, order) => {
      const items = part(own, order, LINES).map((productId) => ({ productId, quantity: 1 }));
      return post('/v1/orders', headers, { items });
    });
  };
}

/** Orders as {@link placements}, each paid by card before the next. */
export function purchases(fixture: Fixture, headers: Headers): RequestsOf {
  const payment: Request = {
    ...post('', headers, { paymentMethod: 'card', paymentMethodId: 'pm_card_visa' }),
    setupRequest: (request, context) => ({ ...request, path: `/v1/orders/${String(context.orderId)}/payments` }),
  };
  return (connection) =>
    placements(
      fixture,
      headers,
    )(connection).flatMap((placement) => [
      { ...placement, onResponse: (_status, body, context) => (context.orderId = idOf(body)) },
      payment,
    ]);
}

function part(ids: readonly string[], index: number, size: number): string[] {
  return ids.slice(index * size, (index + 1) * size);
}

function post(path: string, headers: Headers, body: unknown): Request {
  const own = { 'content-type': 'application/json', 'idempotency-key': 'bench-[<id>]' };
  return { method: 'POST', path, headers: { ...headers, ...own }, body: JSON.stringify(body) };
}

/** A UUIDv7 of the beginning of time. */
function lowId(): string {
  return `00000000-0000-7000-${randomUUID().slice(19)}`;
}

function idOf(body: string): string {
  return (JSON.parse(body) as { id: string }).id;
}
