import { DataSource } from 'typeorm';
import { LedgerSealsRepository } from '../../../src/domains/payments/ledger/ledger-seals.repository.js';
import { verifyLedger } from '../../../src/domains/payments/ledger/ledger-verification.js';
import { readConfig } from '../../../src/platform/config/config.js';
import { dataSourceOptions } from '../../../src/platform/database/data-source.js';
import { type Client, expectStatus } from '../../../test/support/client.js';
import type { RunningShop } from '../../../test/support/running-shop.js';
import { waitUntil } from '../../../test/support/wait.js';
import type { Proof } from '../proof.js';
import type { Stage } from '../stage.js';

const BUYERS = 4;
const SEALED_WITHIN_MS = 20_000;
const SEALED_WITHIN_CONTROL_MS = 2_000;
/** Longer than any run: the turn at the start seals nothing, for there is nothing yet. */
const NEVER_MS = 2_147_483_647;

/** What the application's role tries, and may not. */
const HOSTILE = [
  `UPDATE ledger_entries SET amount = amount * 2`,
  `UPDATE ledger_transactions SET kind = 'refund'`,
  `UPDATE ledger_seals SET hash = previous_hash`,
  `DELETE FROM ledger_entries`,
  `DELETE FROM ledger_transactions`,
  `DELETE FROM ledger_seals`,
  `TRUNCATE ledger_transactions CASCADE`,
];

interface Setting {
  readonly stage: Stage;
  readonly shop: RunningShop;
  readonly buyers: readonly Client[];
  /** As the application connects. */
  readonly application: DataSource;
  readonly seals: LedgerSealsRepository;
}

async function run(stage: Stage): Promise<void> {
  const shop = await stage.shop({ env: { LEDGER_SEAL_POLL_MS: '200' } });
  const config = readConfig({
    APP_ENV: 'test',
    DATABASE_URL: shop.database.databaseUrl,
    REDIS_URL: 'redis://127.0.0.1:6379',
  });
  const application = await new DataSource(dataSourceOptions(config)).initialize();
  try {
    const seals = new LedgerSealsRepository(application);
    const setting: Setting = {
      stage,
      shop,
      buyers: await shop.customers(BUYERS),
      application,
      seals,
    };
    for (let round = 0; round < stage.rounds; round += 1) {
      await trade(setting);
      await balance(setting);
      await untilSealed(setting);
      await attack(setting);
      await flipByte(setting);
    }
  } finally {
    await application.destroy();
  }
}

/** Everybody buys, and one bank objects. */
async function trade({ stage, shop, buyers }: Setting): Promise<void> {
  const orders = await Promise.all(buyers.map((buyer) => shop.order(buyer)));
  await Promise.all(
    orders.map(async (order, index) => expectStatus((await buyers[index]?.pay(order.id)) ?? never(), 201)),
  );
  const disputed = stage.pick(orders);
  const [payment] = await shop.query<{ charge: string }>(
    `SELECT stripe_charge_id AS charge FROM payments WHERE order_id = $1 AND status = 'succeeded'`,
    [disputed.id],
  );
  const { id } = await shop.sandbox.dispute(payment?.charge ?? '');
  const recorded = `SELECT 1 FROM disputes WHERE provider_dispute_id = $1 AND withdrawn_at IS NOT NULL`;
  await shop.waitUntil(async () => (await shop.query(recorded, [id])).length === 1, {
    what: 'the dispute to be booked',
  });
  await stage.untilQuiet(shop);
  const kinds = await shop.query<{ kind: string }>(`SELECT DISTINCT kind FROM ledger_transactions`);
  for (const { kind } of kinds) stage.reached(`bookings of a ${kind}`);
}

/** P11, and the books against the provider's own journal. An open review is what a dispute is for. */
async function balance({ stage, shop }: Setting): Promise<void> {
  const admin = await shop.as('admin@purser.test');
  const { text } = expectStatus(await admin.get('/v1/admin/ledger/trial-balance'), 200);
  const { totals } = JSON.parse(text) as { totals: { currency: string; balance: number }[] };
  stage.reached('trial balances', totals.length);
  for (const total of totals) stage.expect('a trial balance that is not zero', total.balance === 0, total);
  const { 'open reviews': reviews, ...violations } = await shop.violations();
  stage.expect('a dispute without its review', reviews !== undefined, reviews);
  for (const [what, times] of Object.entries(violations)) stage.violated(what, `${times} times`, times);
}

async function untilSealed({ stage, shop, seals }: Setting): Promise<void> {
  const timeoutMs = stage.isWithout() ? SEALED_WITHIN_CONTROL_MS : SEALED_WITHIN_MS;
  const isSealed = async () => (await verifyLedger(seals)).unsealed === 0;
  await waitUntil(isSealed, {
    what: 'everything to be sealed',
    timeoutMs,
  }).catch((error: unknown) => {
    stage.violated('not sealed in time', error instanceof Error ? error.message : error);
  });
  const { rows, seals: count, finding } = await verifyLedger(seals);
  stage.reached('rows sealed', rows);
  stage.note('seals', count);
  stage.expect('a finding where nothing was changed', finding === null, [finding, shop.database.name]);
}

async function attack({ stage, application }: Setting): Promise<void> {
  for (const sql of HOSTILE) {
    const runner = application.createQueryRunner();
    await runner.startTransaction();
    const refusal = await runner.query(sql).then(
      () => null,
      (error: unknown) => error as { code?: string },
    );
    await runner.rollbackTransaction();
    await runner.release();
    stage.reached('hostile statements');
    stage.expect('a booking that could be rewritten', refusal?.code === '42501' || refusal?.code === '0A000', sql);
  }
}

/** The owner takes the guard away, changes one unit of one entry, and puts it back. Whoever verifies must name it. */
async function flipByte({ stage, shop, seals }: Setting): Promise<void> {
  const entries = await shop.query<{ id: string; transaction: string }>(
    `SELECT id, transaction_id AS transaction FROM ledger_entries ORDER BY id`,
  );
  const { id, transaction } = stage.pick(entries);
  const flip = async (by: number) => {
    await shop.query(`ALTER TABLE ledger_entries DISABLE TRIGGER USER`);
    await shop.query(`UPDATE ledger_entries SET amount = amount + $2 WHERE id = $1`, [id, by]);
    await shop.query(`ALTER TABLE ledger_entries ENABLE TRIGGER USER`);
  };
  await flip(1);
  const { finding } = await verifyLedger(seals);
  await flip(-1);
  stage.reached('bytes flipped');
  const isNamed = finding?.startsWith(`transaction ${transaction} / entry ${id} does not match seal `) ?? false;
  stage.expect('a flipped byte that nobody named', isNamed, [id, finding]);
}

function never(): never {
  throw new Error('there is a buyer for every order');
}

export const ledger: Proof = {
  shows: 'the books add up to zero and to the provider’s, only grow, and a flipped byte is named',
  promises: ['P11'],
  rounds: { quick: 1, alone: 10 },
  covers: [
    'bookings of a capture',
    'bookings of a fee',
    'bookings of a dispute',
    'rows sealed',
    'hostile statements',
    'bytes flipped',
  ],
  guards: {
    seals: {
      what: 'nothing is sealed: a changed byte leaves no trace',
      seen: 'a flipped byte that nobody named',
      env: { LEDGER_SEAL_POLL_MS: String(NEVER_MS) },
    },
    'append-only': {
      what: 'grants and triggers of the ledger: the application may rewrite what it booked',
      seen: 'a booking that could be rewritten',
      tamper: async (shop) => {
        for (const table of ['ledger_entries', 'ledger_transactions', 'ledger_seals']) {
          await shop.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
          await shop.query(`GRANT UPDATE, DELETE, TRUNCATE ON ${table} TO purser_app`);
        }
      },
    },
  },
  run,
};
