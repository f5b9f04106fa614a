import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type pg from 'pg';
import { SUBSCRIBERS } from '../../../src/contracts/domain-events.js';
import { TAKE } from '../../../src/domains/catalog/stock.sql.js';
import { PLACE } from '../../../src/domains/orders/order.sql.js';
import { preparedName } from '../../../src/platform/database/statements.js';
import { newId } from '../../../src/shared/ids.js';

const ENDPOINT = 'POST /v1/orders';
const TTL_SECONDS = 1_800;

interface Taken {
  readonly unitAmount: number;
  readonly quantity: number;
  readonly currency: string;
}

/** The same transaction as the product's: stock taken, then order, lines, idempotency key and event in one statement. */
export async function place(pool: pg.Pool, request: Request): Promise<unknown> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { items } = request.body as { items: { productId: string; quantity: number }[] };
    const columns = [items.map(({ productId }) => productId), items.map(({ quantity }) => quantity)];
    const taken = await client.query<Taken>({ name: preparedName(TAKE), text: TAKE, values: columns });
    const values = parametersOf(request, taken.rows);
    const placed = await client.query<{ view: unknown }>({ name: preparedName(PLACE), text: PLACE, values });
    await client.query('COMMIT');
    return placed.rows[0]?.view;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

function parametersOf(request: Request, taken: readonly Taken[]): unknown[] {
  const orderId = newId();
  const userId = request.get('x-user-id');
  const currency = taken[0]?.currency;
  const totalAmount = taken.reduce((sum, { unitAmount, quantity }) => sum + unitAmount * quantity, 0);
  const hash = createHash('sha256').update(JSON.stringify(request.body)).digest('hex');
  const payload = JSON.stringify({ orderId, userId, totalAmount, currency });
  return [
    ...[orderId, userId, currency, totalAmount, TTL_SECONDS, JSON.stringify(taken)],
    ...[ENDPOINT, request.get('idempotency-key'), hash],
    ...[newId(), 'order.placed', payload, '{}', SUBSCRIBERS['order.placed']],
  ];
}
