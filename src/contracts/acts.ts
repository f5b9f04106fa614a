import type { Permission } from './permissions.js';

/** What people of the shop do to what is not their own, and the permission it takes. Every such act is recorded. */
export const ACTS = {
  'users.activate': 'users.change',
  'users.deactivate': 'users.change',
  'users.set-roles': 'users.change',
  'products.create': 'products.change',
  'products.change': 'products.change',
  'stock.adjust': 'stock.adjust',
  'orders.cancel': 'orders.cancel-any',
  'payments.cancel': 'payments.cancel-any',
  'payments.capture': 'payments.capture',
  'payments.confirm': 'payments.confirm',
  'refunds.make': 'refunds.make',
  'reviews.resolve': 'reviews.resolve',
  'deliveries.replay': 'deliveries.replay',
  'reconciliations.start': 'reconciliations.start',
} as const satisfies Record<string, Permission>;

export type Act = keyof typeof ACTS;
export const ACT_NAMES = Object.keys(ACTS) as [Act, ...Act[]];
