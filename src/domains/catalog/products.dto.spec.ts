import type { Type } from '@nestjs/common';
import { InvalidRequest } from '../../shared/errors.js';
import { validationPipe } from '../../platform/http/validation.js';
import { AdjustStock, ChangeProduct, CreateProduct, ListProducts } from './products.dto.js';

async function pointersOf(metatype: Type, value: unknown): Promise<string[]> {
  try {
    await validationPipe().transform(value, { type: 'body', metatype });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    return (error.extensions.errors as { pointer: string }[]).map(({ pointer }) => pointer);
  }
}

const mug = { sku: 'MUG-1', name: 'Mug', unitAmount: 1_490 };

describe('the request to add a product', () => {
  it('needs SKU, name and price, and takes the rest', async () => {
    expect(await pointersOf(CreateProduct, mug)).toEqual([]);
    const whole = { ...mug, description: 'Two\nlines.', currency: 'EUR', isActive: false };
    expect(await pointersOf(CreateProduct, whole)).toEqual([]);
    expect(await pointersOf(CreateProduct, {})).toEqual(['#/sku', '#/name', '#/unitAmount']);
  });

  it.each([
    ['sku', ['', 'a b', '-x', 'x'.repeat(65), null]],
    ['name', ['', 'x'.repeat(201), 'a\0', 'two\nlines', 5]],
    ['description', ['x'.repeat(4_001), 'a\0', null]],
    ['unitAmount', [0, -1, 1.5, 100_000_000, '1490', Number.NaN]],
    ['currency', ['usd', 'US', 'USDX', null]],
    ['isActive', ['true', 1, null]],
    ['stockOnHand', [5]],
  ])('refuses a wrong %s', async (property, values) => {
    for (const value of values) {
      expect(await pointersOf(CreateProduct, { ...mug, [property]: value })).toEqual([`#/${property}`]);
    }
  });
});

describe('the request to change a product', () => {
  it('names what changes; null is no value', async () => {
    expect(await pointersOf(ChangeProduct, {})).toEqual([]);
    expect(await pointersOf(ChangeProduct, { isActive: false })).toEqual([]);
    expect(await pointersOf(ChangeProduct, { sku: null, name: null })).toEqual(['#/sku', '#/name']);
  });
});

describe('the request to adjust stock', () => {
  it('moves units by up to a million in either direction, for a reason', async () => {
    for (const delta of [1, -1, 1_000_000, -1_000_000]) {
      expect(await pointersOf(AdjustStock, { delta, reason: 'count' })).toEqual([]);
    }
    for (const delta of [0, 1.5, 1_000_001, -1_000_001, '1']) {
      expect(await pointersOf(AdjustStock, { delta, reason: 'count' })).toEqual(['#/delta']);
    }
    expect(await pointersOf(AdjustStock, { delta: 1 })).toEqual(['#/reason']);
  });
});

describe('the query of the product list', () => {
  it('takes text and a currency', async () => {
    expect(await pointersOf(ListProducts, { q: '50 %', currency: 'USD', limit: '100' })).toEqual([]);
    expect(await pointersOf(ListProducts, { q: ['a', 'b'] })).toEqual(['#/q']);
    expect(await pointersOf(ListProducts, { q: '\0' })).toEqual(['#/q']);
  });
});
