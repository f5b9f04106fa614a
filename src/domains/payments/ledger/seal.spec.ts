import { createHash } from 'node:crypto';
import { GENESIS, rowsOfBatch, sealHash, type SealableTransaction } from './seal.js';

const transaction: SealableTransaction = {
  id: '0190a1b2-0000-7000-8000-000000000001',
  kind: 'capture',
  sourceId: '0190a1b2-0000-7000-8000-00000000aaaa',
  occurredAt: '2026-11-25T10:00:00.000001Z',
  createdXid: '4711',
  entries: [
    ['0190a1b2-0000-7000-8000-000000000002', '0190a1b2-0000-7000-8000-000000000001', 'provider:stripe', 'USD', '4900'],
    ['0190a1b2-0000-7000-8000-000000000003', '0190a1b2-0000-7000-8000-000000000001', 'revenue:orders', 'USD', '-4900'],
  ],
};

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

describe('a seal', () => {
  it('hashes each row as it is documented: a JSON array of texts, the table first', () => {
    const rows = rowsOfBatch([transaction]);
    expect(rows.map(({ table, id, hash }) => [table, id, hash.toString('hex')])).toEqual([
      [
        'transaction',
        transaction.id,
        sha256(
          '["transaction","0190a1b2-0000-7000-8000-000000000001","capture","0190a1b2-0000-7000-8000-00000000aaaa",' +
            '"2026-11-25T10:00:00.000001Z","4711"]',
        ),
      ],
      [
        'entry',
        '0190a1b2-0000-7000-8000-000000000002',
        sha256(
          '["entry","0190a1b2-0000-7000-8000-000000000002","0190a1b2-0000-7000-8000-000000000001","provider:stripe","USD","4900"]',
        ),
      ],
      [
        'entry',
        '0190a1b2-0000-7000-8000-000000000003',
        sha256(
          '["entry","0190a1b2-0000-7000-8000-000000000003","0190a1b2-0000-7000-8000-000000000001","revenue:orders","USD","-4900"]',
        ),
      ],
    ]);
  });

  it('says the same of the same rows, something else of every change, and depends on what it follows', () => {
    const hashOf = (changed: Partial<SealableTransaction>, previous = GENESIS) =>
      sealHash(previous, Buffer.concat(rowsOfBatch([{ ...transaction, ...changed }]).map(({ hash }) => hash))).toString(
        'hex',
      );
    const [debit = [], credit = []] = transaction.entries ?? [];
    const all = [
      hashOf({}),
      hashOf({ id: '0190a1b2-0000-7000-8000-000000000009' }),
      hashOf({ kind: 'refund' }),
      hashOf({ sourceId: transaction.id }),
      hashOf({ occurredAt: '2026-11-25T10:00:00.000002Z' }),
      hashOf({ createdXid: '4712' }),
      hashOf({ entries: [debit.with(4, '4901'), credit] }),
      hashOf({ entries: [debit, credit.with(2, 'refunds')] }),
      hashOf({ entries: [debit] }),
      hashOf({ entries: null }),
      hashOf({}, Buffer.alloc(32, 1)),
    ];
    expect(hashOf({})).toBe(all[0]);
    expect(new Set(all).size).toBe(all.length);
  });
});
