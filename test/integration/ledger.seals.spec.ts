import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { LedgerSealsRepository } from '../../src/domains/payments/ledger/ledger-seals.repository.js';
import { LedgerSealingService } from '../../src/domains/payments/ledger/ledger-sealing.service.js';
import { verifyLedger } from '../../src/domains/payments/ledger/ledger-verification.js';
import { transfer } from '../../src/domains/payments/ledger/ledger-book.js';
import { Log } from '../../src/platform/telemetry/log.js';
import { newId } from '../../src/shared/ids.js';
import { Money } from '../../src/shared/money.js';
import { harness } from '../support/harness.js';
import { Program } from '../support/program.js';
import { environmentOf } from '../support/shop-environment.js';
import { waitUntil } from '../support/wait.js';
import { LedgerDesk } from './ledger.support.js';

jest.setTimeout(120_000);

let desk: LedgerDesk;
let seals: LedgerSealsRepository;
let sealing: LedgerSealingService;

async function open(): Promise<void> {
  desk = await LedgerDesk.open();
  seals = new LedgerSealsRepository(desk.dataSource);
  sealing = new LedgerSealingService(desk.transactions, seals, new Log(desk.config));
}

/** Seals until nothing is left. A transaction on the same server, another test's too, makes it wait. */
async function sealAll(): Promise<void> {
  const isSealed = async () => {
    await sealing.sealNext();
    return (await verifyLedger(seals)).unsealed === 0;
  };
  await waitUntil(isSealed, { what: 'everything to be sealed', timeoutMs: 60_000 });
}

/** Six bookings under three seals or more. */
async function sealedBook(): Promise<void> {
  for (const bookings of [3, 1, 2]) {
    for (let booking = 0; booking < bookings; booking += 1) await desk.book();
    await sealAll();
  }
}

const TABLES = ['ledger_entries', 'ledger_transactions', 'ledger_seals'];

/** Whoever owns the tables takes their guards away, does this, and puts them back. */
async function tamper(sql: string, parameters: unknown[] = []): Promise<void> {
  for (const table of TABLES) await desk.db.query(`ALTER TABLE ${table} DISABLE TRIGGER ALL`);
  await desk.db.query(sql, parameters);
  for (const table of TABLES) await desk.db.query(`ALTER TABLE ${table} ENABLE TRIGGER ALL`);
}

/** A sealed transaction and one of its entries, from under the middle seal. */
async function sealedRow(): Promise<{ transaction: string; entry: string }> {
  const [row] = await desk.db.query<{ transaction: string; entry: string }>(
    `SELECT t.id AS transaction, e.id AS entry FROM ledger_seals AS s, ledger_transactions AS t
       JOIN ledger_entries AS e ON e.transaction_id = t.id
      WHERE s.number = 2 AND t.id = ANY (s.row_ids) ORDER BY e.id LIMIT 1`,
  );
  if (!row) throw new Error('nothing is sealed');
  return row;
}

describe('sealing', () => {
  beforeEach(open);
  afterEach(() => desk.close());

  it('puts every settled booking under one seal, in a chain, and finds nothing to do then', async () => {
    await sealedBook();
    expect(await sealing.sealNext()).toBe(false);

    const chain = await desk.db.query<{ number: number; previous: string; hash: string; rows: number }>(
      `SELECT number::integer, encode(previous_hash, 'hex') AS previous, encode(hash, 'hex') AS hash,
              cardinality(row_ids) AS rows FROM ledger_seals ORDER BY number`,
    );
    expect(chain.map(({ number }) => number)).toEqual(chain.map((_seal, index) => index + 1));
    const hashes = chain.map(({ hash }) => hash);
    expect(chain.map(({ previous }) => previous)).toEqual(['0'.repeat(64), ...hashes.slice(0, -1)]);
    const head = { number: chain.length, hash: hashes.at(-1) };
    expect(await verifyLedger(seals)).toEqual({ seals: chain.length, rows: 18, unsealed: 0, head, finding: null });
  });

  it('waits for whoever may still write before what it would seal', async () => {
    const slow = new pg.Client({ connectionString: desk.db.databaseUrl });
    await slow.connect();
    await slow.query('BEGIN');
    await slow.query('SELECT pg_current_xact_id()');
    await desk.book();

    await sealing.sealNext();
    expect(await verifyLedger(seals)).toMatchObject({ seals: 0, unsealed: 1, finding: null });

    const early = newId();
    await slow.query(`INSERT INTO ledger_transactions (id, kind, source_id) VALUES ($1, 'capture', $1)`, [early]);
    await slow.query(
      `INSERT INTO ledger_entries (id, transaction_id, account, currency, amount)
       VALUES (gen_random_uuid(), $1, 'bank', 'USD', 1), (gen_random_uuid(), $1, 'cash', 'USD', -1)`,
      [early],
    );
    await slow.query('COMMIT');
    await slow.end();
    await sealAll();

    expect(await verifyLedger(seals)).toMatchObject({ rows: 6, unsealed: 0, finding: null });
    const [seal] = await desk.db.query<{ first: string }>(
      `SELECT row_ids[1] AS first FROM ledger_seals WHERE number = 1`,
    );
    expect(seal?.first).toBe(early);
  });

  it('makes one chain when several workers seal at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      await desk.book();
      await Promise.all(Array.from({ length: 6 }, () => sealing.sealNext()));
    }
    await sealAll();
    expect(await verifyLedger(seals)).toMatchObject({ rows: 15, unsealed: 0, finding: null });
  });

  it('counts what is not sealed yet', async () => {
    await sealedBook();
    await desk.book();
    expect(await verifyLedger(seals)).toMatchObject({ rows: 18, unsealed: 1, finding: null });
  });
});

describe('a byte changed by whoever may', () => {
  beforeAll(async () => {
    await open();
    await sealedBook();
    for (const table of TABLES) await desk.db.query(`CREATE TABLE kept_${table} AS TABLE ${table}`);
  });

  afterEach(async () => {
    for (const table of TABLES) {
      await tamper(`DELETE FROM ${table}`);
      await tamper(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
    }
    expect((await verifyLedger(seals)).finding).toBeNull();
  });

  afterAll(() => desk?.close());

  it.each([
    ['the amount of an entry', `UPDATE ledger_entries SET amount = amount + 1 WHERE id = $1`],
    ['the account of an entry', `UPDATE ledger_entries SET account = 'cash' WHERE id = $1`],
    ['the currency of an entry', `UPDATE ledger_entries SET currency = 'EUR' WHERE id = $1`],
  ])('is found and named: %s', async (_what, sql) => {
    const { transaction, entry } = await sealedRow();
    await tamper(sql, [entry]);

    const { finding, seals: held } = await verifyLedger(seals);

    expect(finding).toBe(`transaction ${transaction} / entry ${entry} does not match seal 2`);
    expect(held).toBe(1);
  });

  it.each([
    ['what it was booked for', `UPDATE ledger_transactions SET source_id = gen_random_uuid() WHERE id = $1`],
    ['its kind', `UPDATE ledger_transactions SET kind = 'refund' WHERE id = $1`],
    [
      'a microsecond of its time',
      `UPDATE ledger_transactions SET occurred_at = occurred_at + '1 microsecond' WHERE id = $1`,
    ],
  ])('is found and named: of a transaction, %s', async (_what, sql) => {
    const { transaction } = await sealedRow();
    await tamper(sql, [transaction]);
    expect((await verifyLedger(seals)).finding).toBe(`transaction ${transaction} does not match seal 2`);
  });

  it('is found when it takes a row away, moves one, or adds one behind the seals', async () => {
    const { transaction, entry } = await sealedRow();
    const [moved] = await desk.db.query<{ xid: string }>(
      `SELECT created_xid::text AS xid FROM ledger_transactions WHERE id = $1`,
      [transaction],
    );
    const move = `UPDATE ledger_transactions SET created_xid = $2::text::xid8 WHERE id = $1`;
    await tamper(move, [transaction, '9223372036854775807']);
    expect((await verifyLedger(seals)).finding).toBe(`row ${transaction} is gone from under seal 2`);
    await tamper(move, [transaction, moved?.xid]);
    expect((await verifyLedger(seals)).finding).toBeNull();

    const late = newId();
    await tamper(
      `INSERT INTO ledger_entries (id, transaction_id, account, currency, amount) VALUES ($1, $2, 'cash', 'USD', 5)`,
      [late, transaction],
    );
    expect((await verifyLedger(seals)).finding).toBe(
      `transaction ${transaction} / entry ${late} was added under seal 2`,
    );
    await tamper(`DELETE FROM ledger_entries WHERE id = ANY ($1)`, [[late, entry]]);
    expect((await verifyLedger(seals)).finding).toBe(`row ${entry} is gone from under seal 2`);
  });

  it.each([
    ['a hash', `UPDATE ledger_seals SET hash = sha256('x') WHERE number = 2`, 'seal 2 does not match its own rows'],
    ['a link', `UPDATE ledger_seals SET previous_hash = sha256('x') WHERE number = 2`, 'seal 2 does not follow seal 1'],
    ['a seal', `DELETE FROM ledger_seals WHERE number = 2`, 'seal 2 is missing'],
    [
      'a seal made anew',
      `UPDATE ledger_seals SET row_hashes = set_byte(row_hashes, 0, get_byte(row_hashes, 0) # 1), hash =
         sha256(previous_hash || set_byte(row_hashes, 0, get_byte(row_hashes, 0) # 1)) WHERE number = 2`,
      'does not match seal 2',
    ],
  ])('is found when the seals themselves are changed: %s', async (_what, sql, finding) => {
    await tamper(sql);
    expect((await verifyLedger(seals)).finding).toContain(finding);
  });

  it('would not be found without its seal (control)', async () => {
    await tamper('DELETE FROM ledger_seals');
    await tamper(`UPDATE ledger_entries SET amount = amount * 2`);
    expect(await verifyLedger(seals)).toMatchObject({ seals: 0, unsealed: 6, finding: null });
  });
});

describe('the task ledger:verify', () => {
  beforeEach(open);
  afterEach(() => desk.close());

  async function verified(): Promise<{ code: number; said: string }> {
    const { databaseUrl } = desk.db;
    const places = { databaseUrl, redisUrl: harness().redisUrl, sandboxPort: 1, webPort: 1 };
    const logFile = join(harness().stateDir, 'logs', 'ledger-verify.log');
    rmSync(logFile, { force: true });
    const env = { ...environmentOf(places), APP_MODE: 'ledger:verify' };
    const code = await new Program({ name: 'ledger:verify', main: 'src/main.js', env, logFile }).run().then(
      () => 0,
      () => 1,
    );
    return { code, said: readFileSync(logFile, 'utf8') };
  }

  it('ends well while the book is as it was sealed, and with 1 when it is not', async () => {
    const entries = transfer(Money.of(5, 'KWD'), { debit: 'bank', credit: 'revenue:orders' });
    await desk.book({ entries });
    await sealAll();
    await desk.book();
    const sound = await verified();
    expect(sound.said).toContain('seals that hold: 1, over rows: 3; transactions not sealed yet: 1');
    expect(sound).toMatchObject({ code: 0 });

    await tamper(`UPDATE ledger_entries SET amount = -amount WHERE currency = 'KWD'`);
    const changed = await verified();
    expect(changed.said).toMatch(/transaction [0-9a-f-]{36} \/ entry [0-9a-f-]{36} does not match seal 1/);
    expect(changed).toMatchObject({ code: 1 });
  });
});
