import { ORDER_STATUSES, ORDER_TRANSITIONS, statusesBefore } from './order-status.js';

describe('the life of an order', () => {
  it('ends in completed or cancelled, and begins in neither', () => {
    const ends = ORDER_STATUSES.filter((status) => ORDER_TRANSITIONS[status].length === 0);
    expect(ends).toEqual(['completed', 'cancelled']);
    expect(statusesBefore('pending')).toEqual([]);
  });

  it('leads to either end only from pending: paid orders are refunded, not cancelled', () => {
    expect(statusesBefore('completed')).toEqual(['pending']);
    expect(statusesBefore('cancelled')).toEqual(['pending']);
  });
});
