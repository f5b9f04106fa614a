import type { Type } from '@nestjs/common';
import { InvalidRequest } from '../../shared/errors.js';
import { newId } from '../../shared/ids.js';
import { validationPipe } from '../../platform/http/validation.js';
import { CancelOrder, ListOrders, PlaceOrder } from './orders.dto.js';

async function read<T>(metatype: Type<T>, value: unknown): Promise<T> {
  return (await validationPipe().transform(value, { type: 'body', metatype })) as T;
}

/** Where the mistakes of a refused body are. */
async function pointersOf(metatype: Type, value: unknown): Promise<string[]> {
  try {
    await read(metatype, value);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    return (error.extensions.errors as { pointer: string }[]).map(({ pointer }) => pointer);
  }
}

const line = (facts: object = {}) => ({ productId: newId(), quantity: 1, ...facts });
const lines = (count: number) => Array.from({ length: count }, () => line());

describe('the request to place an order', () => {
  it.each([
    ['one line', { items: [line()] }],
    ['fifty lines', { items: lines(50) }],
    ['999 units', { items: [line({ quantity: 999 })] }],
  ])('takes %s', async (_name, body) => {
    expect(await pointersOf(PlaceOrder, body)).toEqual([]);
  });

  const twice = line();
  it.each([
    ['no body', {}, ['#/items']],
    ['no line', { items: [] }, ['#/items']],
    ['51 lines', { items: lines(51) }, ['#/items']],
    ['lines that are no list', { items: line() }, ['#/items']],
    ['a line that is null', { items: [null] }, ['#/items/0']],
    ['no unit', { items: [line({ quantity: 0 })] }, ['#/items/0/quantity']],
    ['1000 units', { items: [line(), line({ quantity: 1_000 })] }, ['#/items/1/quantity']],
    ['half a unit', { items: [line({ quantity: 1.5 })] }, ['#/items/0/quantity']],
    ['units as text', { items: [line({ quantity: '1' })] }, ['#/items/0/quantity']],
    ['a product that is no id', { items: [line({ productId: 'mug' })] }, ['#/items/0/productId']],
    ['a price of their own', { items: [line({ unitAmount: 1 })] }, ['#/items/0/unitAmount']],
    ['a product twice', { items: [twice, { ...twice, quantity: 2 }] }, ['#/items']],
    [
      'a product twice in another case',
      { items: [twice, { ...twice, productId: twice.productId.toUpperCase() }] },
      ['#/items'],
    ],
    ['an owner', { items: [line()], userId: newId() }, ['#/userId']],
  ])('refuses %s', async (_name, body, pointers) => {
    expect(await pointersOf(PlaceOrder, body)).toEqual(pointers);
  });

  it('reads product ids in lower case, so that one product has one name', async () => {
    const id = newId();
    const { items } = await read(PlaceOrder, { items: [line({ productId: id.toUpperCase() })] });
    expect(items[0]?.productId).toBe(id);
  });
});

describe('the request to cancel an order', () => {
  it('may come with a reason of one line, or without', async () => {
    for (const body of [{}, { reason: 'Changed my mind – sorry!' }]) {
      expect(await pointersOf(CancelOrder, body)).toEqual([]);
    }
    for (const reason of ['', 'x'.repeat(201), 'two\nlines', 'nul\0', 7]) {
      expect(await pointersOf(CancelOrder, { reason })).toEqual(['#/reason']);
    }
  });
});

describe('the request to list orders', () => {
  it('knows the three statuses', async () => {
    expect(await pointersOf(ListOrders, { status: 'pending', limit: '5' })).toEqual([]);
    expect(await pointersOf(ListOrders, { status: 'paid' })).toEqual(['#/status']);
  });
});
