import type { StripeDocument } from './document.js';
import { Judge } from './judge.js';

const document: Pick<StripeDocument, 'schemas' | 'fixtures'> = {
  schemas: {
    charge: {
      type: 'object',
      required: ['id'],
      properties: {
        id: { type: 'string', maxLength: 5 },
        object: { type: 'string', enum: ['charge'] },
        amount: { type: 'integer' },
        created: { type: 'integer', format: 'unix-time' },
        currency: { type: 'string', format: 'currency' },
        note: { type: 'string', nullable: true },
        refund: { anyOf: [{ type: 'string', pattern: '^re_' }, { $ref: '#/components/schemas/refund' }] },
        tags: { type: 'array', items: { type: 'string' } },
        metadata: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
    refund: {
      type: 'object',
      required: ['id', 'amount'],
      properties: { id: { type: 'string' }, amount: { type: 'integer' } },
    },
  },
  fixtures: { charge: { id: 'ch_1', object: 'charge', amount: 1 } },
};
const RIGHT = { id: 'ch_1', object: 'charge', amount: 1 };

function remarksOn(change: object): string[] {
  const remarks = new Judge(document).remarks({ $ref: '#/components/schemas/charge' }, { ...RIGHT, ...change }, 'list');
  return remarks.map(({ kind, at }) => `${kind} ${at}`);
}

describe('holding an answer against the schema', () => {
  it.each([
    [{}],
    [{ note: null, tags: ['a'], metadata: { any: 'thing' } }],
    [{ created: 1, currency: 'eur', refund: 're_1' }],
    [{ refund: { id: 're_1', amount: 5 } }],
  ])('has nothing to say against %j', (change) => {
    expect(remarksOn(change)).toEqual([]);
  });

  it.each([
    [{ id: undefined }, 'breaks charge.id'],
    [{ id: 'ch_123' }, 'breaks charge.id'],
    [{ object: 'refund' }, 'breaks charge.object'],
    [{ amount: '1' }, 'breaks charge.amount'],
    [{ amount: null }, 'breaks charge.amount'],
    [{ amount: 1.5 }, 'breaks charge.amount'],
    [{ created: '2026-01-01' }, 'breaks charge.created'],
    [{ currency: 'EUR' }, 'breaks charge.currency'],
    [{ refund: 'ch_1' }, 'breaks charge.refund'],
    [{ refund: { id: 're_1', amount: '5' } }, 'breaks charge.refund.amount'],
    [{ tags: ['a', 1] }, 'breaks charge.tags[]'],
    [{ metadata: { n: 1 } }, 'breaks charge.metadata.*'],
    [{ colour: 'red' }, 'unlisted charge.colour'],
  ])('finds what is wrong with %j', (change, remark) => {
    expect(remarksOn(change)).toEqual([remark]);
  });

  it('misses what the schema does not require and the fixture has', () => {
    const remarks = new Judge(document).remarks(
      { $ref: '#/components/schemas/charge' },
      { id: 'ch_1', object: 'charge' },
      '',
    );
    expect(remarks).toEqual([expect.objectContaining({ kind: 'missing', at: 'charge.amount' })]);
  });

  it('refuses a schema that says more than it understands', () => {
    const schema = { type: 'integer', minimum: 1 } as const;
    expect(() => new Judge(document).remarks(schema, 0, 'here')).toThrow(
      'here: minimum in a schema is not checked yet',
    );
  });
});
