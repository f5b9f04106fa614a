import type { EntityManager } from 'typeorm';

declare const open: unique symbol;

/** An EntityManager inside an open transaction. Only `Transactions.run` hands one out, so nothing writes without one. */
export type Transaction = EntityManager & { readonly [open]: true };
