import { jsonPageOf, pageOf } from './page.js';

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

it('a page of JSON is the page of what it tells', () => {
  const listed = rows(3).map(({ id }) => ({ id, text: `{"id" : "${id}", "name" : "Grüße, \\"}]"}` }));
  const told = listed.map(({ text }) => JSON.parse(text) as { id: string });
  for (const limit of [2, 3]) expect(JSON.parse(jsonPageOf(listed, limit).text)).toEqual(pageOf(told, limit));
  expect(jsonPageOf([], 2).text).toBe('{"data":[],"next":null}');
});
