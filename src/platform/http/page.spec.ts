import { pageOf } from './page.js';

const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `id-${index + 1}` }));

describe('pageOf', () => {
  it('keeps the one more that was asked for back, and names where the next page begins', () => {
    expect(pageOf(rows(3), 2)).toEqual({ data: rows(2), next: 'id-2' });
  });

  it('ends where there is not one more', () => {
    expect(pageOf(rows(2), 2)).toEqual({ data: rows(2), next: null });
    expect(pageOf([], 2)).toEqual({ data: [], next: null });
  });
});
