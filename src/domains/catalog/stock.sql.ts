import { prepared } from '../../platform/database/statements.js';

const WANTED = `unnest($1::uuid[], $2::integer[]) WITH ORDINALITY AS wanted (product_id, quantity, position)`;

// Locked in id order first: orders that share products queue up instead of deadlocking.
const LOCKED = `SELECT id FROM products WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`;

// No guard (WHERE stock_on_hand >= quantity): it would take the other lines and leave the short one. The CHECK
// products_stock_is_not_negative aborts the whole statement.
export const TAKE = prepared(
  'stock.take',
  `WITH locked AS (${LOCKED}), taken AS (
     UPDATE products AS p SET stock_on_hand = p.stock_on_hand - wanted.quantity
       FROM locked JOIN ${WANTED} ON wanted.product_id = locked.id
      WHERE p.id = locked.id
     RETURNING p.id, p.sku, p.name, p.unit_amount, p.currency, p.is_active, wanted.quantity, wanted.position)
   SELECT id AS "productId", sku, name, unit_amount::integer AS "unitAmount", currency, quantity::integer,
          is_active AS "isActive"
     FROM taken ORDER BY position`,
);

export const GIVE_BACK = prepared(
  'stock.give_back',
  `WITH locked AS (${LOCKED})
   UPDATE products AS p SET stock_on_hand = p.stock_on_hand + wanted.quantity
     FROM locked JOIN ${WANTED} ON wanted.product_id = locked.id
    WHERE p.id = locked.id`,
);

export const LOOK = `SELECT id AS "productId", sku, is_active AS "isActive", stock_on_hand AS available
  FROM products WHERE id = ANY ($1::uuid[])`;

export const ADJUST = `
  WITH adjusted AS (
    UPDATE products SET stock_on_hand = stock_on_hand + $2, version = version + 1, updated_at = now()
     WHERE id = $1 RETURNING id, version, stock_on_hand),
  noted AS (
    INSERT INTO stock_adjustments (id, product_id, delta, reason, actor_id) SELECT $3, id, $2, $4, $5 FROM adjusted)
  SELECT stock_on_hand AS "stockOnHand",
         append_event($6, 'product-' || id, version, NULL, $7, $8, $9, $10) AS recorded FROM adjusted`;
