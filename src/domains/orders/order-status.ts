export const ORDER_STATUSES = ['pending', 'completed', 'cancelled'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/**
 * The whole life of an order, in one table. `completed` means paid in full, and stays: refunds are facts of the payment.
 * A status absent from a row cannot be reached from it.
 */
export const ORDER_TRANSITIONS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending: ['completed', 'cancelled'],
  completed: [],
  cancelled: [],
};

/** The statuses from which `next` can be reached: what a guarded UPDATE names. */
export function statusesBefore(next: OrderStatus): OrderStatus[] {
  return ORDER_STATUSES.filter((status) => ORDER_TRANSITIONS[status].includes(next));
}
