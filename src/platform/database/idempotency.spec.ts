import fc from 'fast-check';
import { canonicalJson, hashOf } from './idempotency.js';

const endpoint = 'POST /v1/orders';

describe('the hash of a request', () => {
  it('is the same however the members of its objects are ordered, and whatever they leave out', () => {
    const one = { items: [{ productId: 'a', quantity: 1 }], note: undefined };
    const other = { items: [{ quantity: 1, productId: 'a' }] };
    expect(hashOf({ endpoint, body: one })).toBe(hashOf({ endpoint, body: other }));
  });

  it('is another for another body, path, endpoint, or order of a list', () => {
    const requests = [
      { endpoint, body: { a: 1 } },
      { endpoint, body: { a: '1' } },
      { endpoint, body: { a: [1, 2] } },
      { endpoint, body: { a: [2, 1] } },
      { endpoint, params: { id: '1' }, body: { a: 1 } },
      { endpoint: 'POST /v1/refunds', body: { a: 1 } },
      { endpoint, body: null },
      { endpoint, body: {} },
    ];
    expect(new Set(requests.map(hashOf)).size).toBe(requests.length);
  });

  it('depends on nothing but the meaning, for any JSON there is', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, part]) => [key, reversed(part)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
