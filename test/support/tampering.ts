import type { TestDatabase } from './database.js';

type Tampered = Pick<TestDatabase, 'query'>;

/**
 * The mutants: each switches one guard off in a shop of the test's own, and the story told there must end badly. A
 * guard whose mutant nobody notices is not proven.
 */
export const tampering = {
  /** Stock may go below zero. */
  withoutStockCheck: (shop: Tampered) =>
    shop.query(`ALTER TABLE products DROP CONSTRAINT products_stock_is_not_negative`),

  /** An order may have several live payments. */
  withoutOneLivePayment: (shop: Tampered) => shop.query(`DROP INDEX IF EXISTS payments_one_live_per_order`),

  /** Whoever cancels an order does not see the payment that is under way. */
  cancellingLooksAway: async (shop: Tampered) => {
    await shop.query(`ALTER TABLE payments ENABLE ROW LEVEL SECURITY`);
    await shop.query(`CREATE POLICY everything ON payments USING (true) WITH CHECK (true)`);
    await shop.query(`CREATE POLICY mutant ON payments AS RESTRICTIVE FOR SELECT
      USING (current_query() NOT LIKE 'SELECT id, status FROM payments WHERE order_id = $1%')`);
  },

  /** Whoever captures does not see that another capture was asked for. */
  capturingForgets: async (shop: Tampered) => {
    await shop.query(`CREATE FUNCTION mutant_forgets() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN UPDATE payments SET capture_request = NULL WHERE id = NEW.id; RETURN NULL; END $$`);
    await shop.query(`CREATE TRIGGER mutant AFTER UPDATE ON payments FOR EACH ROW
      WHEN (NEW.capture_request IS NOT NULL AND OLD.capture_request IS NULL) EXECUTE FUNCTION mutant_forgets()`);
  },

  /** Where a part was captured, the whole is taken for captured. */
  partIsTakenForWhole: (shop: Tampered) =>
    mutate(shop, {
      table: 'payments',
      when: 'NEW.captured_amount > OLD.captured_amount',
      then: 'NEW.captured_amount := NEW.amount',
    }),

  /** One reference of a bank, or one object of a provider, may stand for several payments. */
  withoutOneReference: (shop: Tampered) =>
    shop.query(`ALTER TABLE payments DROP CONSTRAINT payments_provider_payment_id_key`),

  /** Twins of one request do not meet. */
  withoutIdempotencyKeys: async (shop: Tampered) => {
    await shop.query(`ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey`);
    await shop.query(`DROP INDEX IF EXISTS payments_one_live_per_order`);
  },

  /** Recovery asks the provider under a new key each time: what SQL alone cannot see. */
  freshProviderKeyPerAttempt: (shop: Tampered) =>
    mutate(shop, {
      table: 'payments',
      when: 'NEW.checks > OLD.checks AND OLD.provider_payment_id IS NULL',
      then: `NEW.provider_idempotency_key := 'mutant-' || gen_random_uuid()`,
    }),

  /** A lost answer is taken for a refusal. */
  unknownIsFailed: (shop: Tampered) =>
    mutate(shop, {
      table: 'payments',
      when: `NEW.status = 'unknown'`,
      then: `NEW.status := 'failed'; NEW.next_check_at := NULL`,
    }),

  /** What a webhook says of a payment is believed. */
  payloadIsBelieved: async (shop: Tampered) => {
    await shop.query(`CREATE FUNCTION mutant_believes() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE told text := NEW.payload::jsonb #>> '{data,object,status}';
      BEGIN
        UPDATE payments SET captured_amount = CASE told WHEN 'succeeded' THEN amount ELSE 0 END,
          status = CASE told WHEN 'succeeded' THEN told WHEN 'requires_capture' THEN 'authorized' ELSE 'requires_action' END
          WHERE provider_payment_id = NEW.object_id;
        RETURN NULL;
      END $$`);
    await shop.query(
      `CREATE TRIGGER mutant AFTER INSERT ON webhook_inbox FOR EACH ROW EXECUTE FUNCTION mutant_believes()`,
    );
  },

  /** What was handed to Redis once is never handed out again. */
  acknowledgedAtDispatch: (shop: Tampered) =>
    mutate(shop, {
      table: 'event_deliveries',
      when: 'NEW.available_at > OLD.available_at AND NEW.attempts = OLD.attempts',
      then: `NEW.available_at := 'infinity'`,
    }),

  /** Nobody counts the workers that died over a delivery. */
  deathsAreNotCounted: (shop: Tampered) =>
    mutate(shop, { table: 'event_deliveries', when: 'NEW.deaths > OLD.deaths', then: `NEW.deaths := OLD.deaths` }),

  /** Work is done strictly in its order: nothing newer is handed out while something older has failed. */
  nothingOvertakes: (shop: Tampered) =>
    mutate(shop, {
      table: 'event_deliveries',
      when: 'NEW.available_at > OLD.available_at AND NEW.attempts = OLD.attempts AND NEW.last_error IS NULL',
      then: `IF EXISTS (SELECT FROM event_deliveries WHERE last_error IS NOT NULL) THEN RETURN NULL; END IF`,
    }),

  /** New passwords and addresses leave the version as it was that mailed links are bound to. */
  credentialsKeepTheirVersion: (shop: Tampered) =>
    mutate(shop, {
      table: 'users',
      when: 'NEW.credentials_version > OLD.credentials_version',
      then: `NEW.credentials_version := OLD.credentials_version`,
    }),

  /** Nobody tells the orders that a person is erased. */
  ordersDoNotHearOfErasures: (shop: Tampered) =>
    mutate(shop, {
      table: 'event_deliveries',
      on: 'INSERT',
      when: `NEW.subscriber = 'orders-erasure'`,
      then: 'NEW := NULL',
    }),

  /** Puts right what the mutants of deliveries have done. */
  deliveriesAsTheyWere: (shop: Tampered) => shop.query(`DROP FUNCTION mutant_of_event_deliveries CASCADE`),

  /** Each worker claims the slot of its own clock, which is off by so many hours. */
  workersGoByTheirOwnClocks: (shop: Tampered, skewHours: readonly number[]) =>
    mutate(shop, {
      table: 'schedule_runs',
      on: 'INSERT',
      when: 'true',
      then: `NEW.slot := NEW.slot + interval '1 hour'
        * ('{${skewHours.join(',')}}'::integer[])[1 + split_part(current_setting('application_name'), '-', 2)::integer]`,
    }),

  /** The end of that. */
  allGoByOneClock: (shop: Tampered) => shop.query(`DROP FUNCTION mutant_of_schedule_runs CASCADE`),

  /** A late success is booked, and its money kept; nobody notices that what is reserved belongs to no refund. */
  lateMoneyIsKept: async (shop: Tampered) => {
    await shop.query(`DROP TRIGGER payments_refunds_add_up ON payments`);
    await mutate(shop, { table: 'refunds', on: 'INSERT', when: 'true', then: 'NEW := NULL' });
  },

  /** More may be reserved for refunds than was captured. */
  withoutRefundLimit: (shop: Tampered) =>
    shop.query(`ALTER TABLE payments DROP CONSTRAINT payments_amounts_are_ordered`),

  /** What is reserved need not be what the refunds add up to. */
  withoutRefundSums: async (shop: Tampered) => {
    await shop.query(`DROP TRIGGER payments_refunds_add_up ON payments`);
    await shop.query(`DROP TRIGGER refunds_add_up ON refunds`);
  },

  /** Recovery asks for a refund under a new key each time. */
  freshRefundKeyPerAttempt: (shop: Tampered) =>
    mutate(shop, {
      table: 'refunds',
      when: 'NEW.checks > OLD.checks AND OLD.provider_refund_id IS NULL',
      then: `NEW.provider_idempotency_key := 'mutant-' || gen_random_uuid()`,
    }),

  /** A lost answer about a refund is taken for a refusal, and its amount is free again. */
  unknownRefundIsFailed: (shop: Tampered) =>
    mutate(shop, {
      table: 'refunds',
      when: `NEW.status = 'unknown'`,
      then: `NEW.status := 'failed'; NEW.next_check_at := NULL;
        UPDATE payments SET refunded_amount = refunded_amount - NEW.amount WHERE id = NEW.payment_id`,
    }),

  /** The book takes a booking for another one than it is, so that it may come twice. */
  bookForgetsSources: (shop: Tampered) =>
    mutate(shop, {
      table: 'ledger_transactions',
      on: 'INSERT',
      when: `NEW.kind <> 'capture'`,
      then: 'NEW.source_id := gen_random_uuid()',
    }),

  /** A reconciliation does not see that an order was charged twice. */
  skipsAClass: (shop: Tampered) =>
    mutate(shop, {
      table: 'reconciliation_findings',
      on: 'INSERT',
      when: `NEW.class = 'duplicate'`,
      then: 'NEW := NULL',
    }),

  /** What the provider sent is acknowledged and not written. */
  webhooksAreDropped: (shop: Tampered) =>
    mutate(shop, { table: 'webhook_inbox', on: 'INSERT', when: 'true', then: 'NEW := NULL' }),

  /** Every copy of what the provider sent is taken for something new. */
  copiesAreStrangers: async (shop: Tampered) => {
    const anew = (column: string) => `NEW.${column} := NEW.${column} || '-' || gen_random_uuid()`;
    await mutate(shop, { table: 'webhook_inbox', on: 'INSERT', when: 'true', then: anew('event_id') });
    await mutate(shop, { table: 'events', on: 'INSERT', when: `NEW.name = 'webhook.received'`, then: anew('stream') });
  },

  /** What the provider sent is worked on before it is acknowledged. */
  webhooksAreHandledAtOnce: (shop: Tampered) =>
    mutate(shop, { table: 'webhook_inbox', on: 'INSERT', when: 'true', then: 'PERFORM pg_sleep(2.5)' }),

  /** Behind PgBouncer the role brings limits along, whatever the product is told: here it does not, on connections made from now on. */
  limitsOfTheRoleAreLifted: async (shop: Tampered) => {
    await shop.query(`DO $$ BEGIN
      EXECUTE format('ALTER ROLE purser_app IN DATABASE %I SET statement_timeout = 0', current_database());
      EXECUTE format('ALTER ROLE purser_app IN DATABASE %I SET lock_timeout = 0', current_database());
    END $$`);
    await shop.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'purser_app'`,
    );
  },

  /** Takes the mutant of this table away. */
  mend: (shop: Tampered, table: string) => shop.query(`DROP FUNCTION mutant_of_${table} CASCADE`),
};

interface Mutation {
  readonly table: string;
  readonly on?: 'INSERT' | 'UPDATE';
  readonly when: string;
  readonly then: string;
}

async function mutate(shop: Tampered, { table, on = 'UPDATE', when, then }: Mutation): Promise<void> {
  await shop.query(`CREATE FUNCTION mutant_of_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN ${then}; RETURN NEW; END $$`);
  await shop.query(`CREATE TRIGGER mutant BEFORE ${on} ON ${table} FOR EACH ROW WHEN (${when})
    EXECUTE FUNCTION mutant_of_${table}()`);
}
