import { isId } from '../../shared/ids.js';
import { SEED_PRODUCTS } from './products.seed-data.js';
import { seedId } from './products.seed.js';

describe('the seeded products', () => {
  it('have ids that are the same on every machine, valid, and in the order of the list', () => {
    const ids = SEED_PRODUCTS.map(([sku], position) => seedId(sku, position));
    expect(ids[0]).toBe('019b76da-a800-7f8e-8e5d-72ff9726dab3');
    expect(ids.every(isId)).toBe(true);
    expect([...ids].sort()).toEqual(ids);
  });

  it('are fifty, each with an SKU of its own, a price and stock', () => {
    expect(new Set(SEED_PRODUCTS.map(([sku]) => sku)).size).toBe(50);
    expect(SEED_PRODUCTS.filter(([, , , cents, stock]) => cents < 1 || stock < 1)).toEqual([]);
  });
});
