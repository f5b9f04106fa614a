import { type Role, ROLES } from '../../src/contracts/roles.js';
import { transfer } from '../../src/domains/payments/ledger/ledger-book.js';
import { LedgerRepository } from '../../src/domains/payments/ledger/ledger.repository.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { newId } from '../../src/shared/ids.js';
import { Money } from '../../src/shared/money.js';
import { Shopfront } from './metrics.support.js';
import { aBooking } from './ledger.support.js';

jest.setTimeout(60_000);

const STATEMENT = '/v1/admin/ledger/accounts/provider:stripe/entries';

interface Statement {
  data: { id: string; transactionId: string; kind: string; sourceId: string; amount: number; currency: string }[];
  next: string | null;
}

interface TrialBalance {
  totals: { currency: string; debit: number }[];
}

let shop: Shopfront;
const tokens = new Map<Role, string>();
const sources = Array.from({ length: 5 }, () => newId());

function get(path: string, role?: Role) {
  return shop.get(path, role && tokens.get(role));
}

beforeAll(async () => {
  shop = await Shopfront.open();
  for (const role of ROLES) tokens.set(role, await shop.tokenOf(role));
  const ledger = shop.app.get(LedgerRepository);
  const transactions = shop.app.get(Transactions);
  const fee = transfer(Money.of(172, 'USD'), { debit: 'fees:stripe', credit: 'provider:stripe' });
  const yen = transfer(Money.of(500, 'JPY'), { debit: 'provider:stripe', credit: 'revenue:orders' });
  const entries = [undefined, undefined, undefined, fee, yen];
  for (const [index, sourceId] of sources.entries()) {
    const kind = index === 3 ? 'fee' : 'capture';
    const booked = entries[index] ? { entries: entries[index] } : {};
    await transactions.run((tx) => ledger.book(tx, aBooking({ kind, sourceId, ...booked })));
  }
  // The first one is from half an hour ago.
  await shop.db.query(`ALTER TABLE ledger_transactions DISABLE TRIGGER ledger_transactions_append_only`);
  await shop.db.query(
    `UPDATE ledger_transactions SET occurred_at = occurred_at - interval '30 minutes' WHERE source_id = $1`,
    [sources[0]],
  );
});

afterAll(async () => {
  await shop?.close();
});

describe('the trial balance', () => {
  it('sums up debits and credits per account and currency, and is zero per currency', async () => {
    const reply = await get('/v1/admin/ledger/trial-balance', 'admin');
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      data: [
        { account: 'fees:stripe', currency: 'USD', debit: 172, credit: 0, balance: 172 },
        { account: 'provider:stripe', currency: 'JPY', debit: 500, credit: 0, balance: 500 },
        { account: 'provider:stripe', currency: 'USD', debit: 14_700, credit: 172, balance: 14_528 },
        { account: 'revenue:orders', currency: 'JPY', debit: 0, credit: 500, balance: -500 },
        { account: 'revenue:orders', currency: 'USD', debit: 0, credit: 14_700, balance: -14_700 },
      ],
      totals: [
        { currency: 'JPY', debit: 500, credit: 500, balance: 0 },
        { currency: 'USD', debit: 14_872, credit: 14_872, balance: 0 },
      ],
      next: null,
    });
  });

  it('counts what lies in its period: from its first moment on, before its last', async () => {
    const [first] = await shop.db.query<{ at: Date }>(
      `SELECT occurred_at AS at FROM ledger_transactions WHERE source_id = $1`,
      [sources[0]],
    );
    const at = (ms: number) => new Date((first?.at.getTime() ?? 0) + ms).toISOString();
    const usd = async (query: string) => {
      const { totals } = (await get(`/v1/admin/ledger/trial-balance?${query}`, 'admin')).body as TrialBalance;
      return totals.find(({ currency }) => currency === 'USD')?.debit;
    };

    expect(await usd(`from=${at(0)}&to=${at(60_000)}`)).toBe(4_900);
    expect(await usd(`from=${at(-60_000)}&to=${at(0)}`)).toBeUndefined();
    expect(await usd(`from=${at(60_000)}`)).toBe(9_972);
    expect(await usd(`to=${at(60_000)}`)).toBe(4_900);
    expect(await usd('from=1900-01-01&to=9999-12-31')).toBe(14_872);
  });

  it.each([
    ['from=yesterday', '#/from'],
    ['from=2026-02-30', '#/from'],
    ['to=2026-11-25T10:00:00', '#/to'],
    ['from=2026-11-25&to=2026-11-25', '#/to'],
    ['from=2026-11-25&to=2026-11-24T23:59:59Z', '#/to'],
    ['since=2026-11-25', '#/since'],
  ])('refuses %s', async (query, pointer) => {
    const reply = await get(`/v1/admin/ledger/trial-balance?${query}`, 'admin');
    expect([reply.status, reply.body.code, reply.body.errors?.[0]?.pointer]).toEqual([400, 'invalid-request', pointer]);
  });
});

describe('the statement of an account', () => {
  it('lists its entries newest first, page by page, with what each was booked for', async () => {
    const seen: Statement['data'] = [];
    let next: string | null = '';
    while (next !== null) {
      const reply = await get(`${STATEMENT}?limit=2${next ? `&after=${next}` : ''}`, 'admin');
      expect(reply.status).toBe(200);
      const page = reply.body as Statement;
      expect(page.data.length).toBeLessThanOrEqual(2);
      seen.push(...page.data);
      next = page.next;
    }
    expect(seen.map(({ sourceId }) => sourceId)).toEqual([...sources].reverse());
    expect(seen.map(({ kind, amount, currency }) => `${kind} ${amount} ${currency}`)).toEqual([
      'capture 500 JPY',
      'fee -172 USD',
      'capture 4900 USD',
      'capture 4900 USD',
      'capture 4900 USD',
    ]);
  });

  it('keeps to its period, and of an account nobody booked to it is empty', async () => {
    const recent = new Date(Date.now() - 15 * 60_000).toISOString();
    expect((await get(`${STATEMENT}?from=${recent}`, 'admin')).body.data).toHaveLength(4);
    expect((await get('/v1/admin/ledger/accounts/bank/entries', 'admin')).body).toEqual({ data: [], next: null });
    const encoded = STATEMENT.replace('provider:stripe', 'provider%3Astripe');
    expect((await get(encoded, 'admin')).body.data).toHaveLength(5);
  });

  it('says that there is no such account', async () => {
    for (const name of ['petty-cash', 'PROVIDER:STRIPE', "bank'--", 'constructor']) {
      const reply = await get(`/v1/admin/ledger/accounts/${encodeURIComponent(name)}/entries`, 'admin');
      expect([reply.status, reply.body.code]).toEqual([404, 'ledger-account-not-found']);
    }
  });

  it.each(['limit=0', 'limit=101', 'after=1', 'from=x'])('refuses %s', async (query) => {
    const reply = await get(`${STATEMENT}?${query}`, 'admin');
    expect([reply.status, reply.body.code]).toEqual([400, 'invalid-request']);
  });
});

it('opens its books to admins only', async () => {
  for (const path of [STATEMENT, '/v1/admin/ledger/trial-balance']) {
    expect((await get(path)).status).toBe(401);
    expect((await get(path, 'user')).status).toBe(403);
    expect((await get(path, 'support')).status).toBe(403);
  }
});
