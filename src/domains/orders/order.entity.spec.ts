import { ORDER_TOTAL_MAX } from '../../shared/money.js';
import { newId } from '../../shared/ids.js';
import { MixedCurrencies, OrderTotalTooLarge } from './order.errors.js';
import { Order } from './order.entity.js';

const aLine = (facts: { unitAmount?: number; quantity?: number; currency?: string } = {}) => ({
  productId: newId(),
  sku: 'MUG',
  name: 'Mug',
  unitAmount: 1_490,
  quantity: 1,
  currency: 'USD',
  ...facts,
});

describe('a new order', () => {
  it('sums its lines and keeps them in the order they were asked for, without their currency', () => {
    const lines = [aLine({ quantity: 2 }), aLine({ unitAmount: 5 })];

    const order = Order.place('user', lines);

    expect(order).toMatchObject({ userId: 'user', currency: 'USD', totalAmount: 2_985 });
    expect(order.items.map(({ productId }) => productId)).toEqual(lines.map(({ productId }) => productId));
    expect(order.items[0]).not.toHaveProperty('currency');
  });

  it('may be as large as the limit, and not a unit larger', () => {
    const largest = [aLine({ unitAmount: ORDER_TOTAL_MAX - 1 }), aLine({ unitAmount: 1 })];
    expect(Order.place('user', largest).totalAmount).toBe(99_999_999);
    expect(() => Order.place('user', [...largest, aLine({ unitAmount: 1 })])).toThrow(OrderTotalTooLarge);
  });

  it('stays exact at the largest order anybody can ask for', () => {
    const lines = Array.from({ length: 50 }, () => aLine({ unitAmount: ORDER_TOTAL_MAX, quantity: 999 }));
    expect(() => Order.place('user', lines)).toThrow(`${50 * 999 * ORDER_TOTAL_MAX} is more than`);
  });

  it('has one currency', () => {
    expect(() => Order.place('user', [aLine(), aLine({ currency: 'EUR' })])).toThrow(MixedCurrencies);
  });
});
