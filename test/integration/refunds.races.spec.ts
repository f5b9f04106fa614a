import pg from 'pg';
import { RefundExceedsCaptured } from '../../src/domains/payments/refunds/refund.errors.js';
import { tampering } from '../support/tampering.js';
import { PRICE } from './payments.support.js';
import { RefundDesk } from './refunds.support.js';

jest.setTimeout(120_000);

const AT_ONCE = 50;
/** On a busy machine the fiftieth may wait long for its turn; who wins is the question, not how soon. */
const PATIENT = {
  DATABASE_CONNECT_TIMEOUT_MS: '60000',
  DATABASE_LOCK_TIMEOUT_MS: '60000',
  DATABASE_STATEMENT_TIMEOUT_MS: '60000',
  DATABASE_QUERY_TIMEOUT_MS: '70000',
};
const MORE_THAN_HALF = Math.ceil(PRICE * 0.6);

let desk: RefundDesk;
/** Nothing in its database refuses more than was captured. */
let broken: RefundDesk;

beforeAll(async () => {
  [desk, broken] = await Promise.all([RefundDesk.open(PATIENT), RefundDesk.open(PATIENT)]);
  await tampering.withoutRefundLimit(broken.shop.db);
});

afterAll(async () => {
  await Promise.all([desk?.shop.close(), broken?.shop.close()]);
});

/** Everybody wants 60 % of one payment, at the same moment. */
async function fiftyTimes(where: RefundDesk) {
  const payment = await where.paid();
  const asked = Array.from({ length: AT_ONCE }, () => where.refund(payment, { amount: MORE_THAN_HALF }));
  return { payment, ends: await Promise.allSettled(asked) };
}

describe('fifty refunds of 60 % at once', () => {
  it('are one refund, and 49 refusals', async () => {
    const { payment, ends } = await fiftyTimes(desk);

    const won = ends.filter((end) => end.status === 'fulfilled');
    expect(won.map(({ value }) => value.status)).toEqual([201]);
    const lost = ends.filter((end) => end.status === 'rejected');
    for (const { reason } of lost) expect(reason).toBeInstanceOf(RefundExceedsCaptured);
    expect(await desk.done(payment)).toEqual([`refunded ${MORE_THAN_HALF}`]);
    expect(await desk.refundsOf(payment)).toHaveLength(1);
    expect(await desk.reservedIn(payment)).toBe(MORE_THAN_HALF);
    process.stdout.write(`P10: ${AT_ONCE} refunds of 60 % at once: ${won.length} made, ${lost.length} refused\n`);
  });

  it('would all be accepted without the CHECK, and only the provider would stand in the way (control)', async () => {
    const { payment, ends } = await fiftyTimes(broken);

    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(AT_ONCE);
    expect(await broken.refundsOf(payment)).toHaveLength(AT_ONCE);
    const overdrawn = await broken.shop.db.query(
      `SELECT 1 FROM events WHERE name = 'refund.submitted' AND payload ->> 'paymentId' = $1`,
      [payment.id],
    );
    expect(overdrawn).toHaveLength(AT_ONCE);
  });
});

describe('hostile SQL as the application’s role', () => {
  let app: pg.Client;

  beforeAll(async () => {
    app = new pg.Client({ connectionString: desk.shop.db.databaseUrl });
    await app.connect();
  });

  afterAll(() => app?.end());

  /** The constraint that refused, or `committed`. */
  async function endOf(on: pg.Client, ...statements: string[]): Promise<string | undefined> {
    try {
      await on.query('BEGIN');
      for (const statement of statements) await on.query(statement);
      await on.query('COMMIT');
      return 'committed';
    } catch (error) {
      await on.query('ROLLBACK');
      return (error as { constraint?: string }).constraint;
    }
  }

  const reserve = (id: string, amount: number) => `UPDATE payments SET refunded_amount = ${amount} WHERE id = '${id}'`;
  const insert = (id: string, amount: number) =>
    `INSERT INTO refunds (id, payment_id, amount, currency, reason, provider_idempotency_key)
     VALUES (gen_random_uuid(), '${id}', ${amount}, 'USD', 'x', gen_random_uuid())`;

  it('cannot give back more than was captured, nor reserve what no refund needs, nor refund what is not reserved', async () => {
    const { id } = await desk.paid();

    expect(await endOf(app, reserve(id, PRICE + 1), insert(id, PRICE + 1))).toBe('payments_amounts_are_ordered');
    expect(await endOf(app, insert(id, 100))).toBe('refunds_add_up');
    expect(await endOf(app, reserve(id, 100))).toBe('refunds_add_up');
    expect(await endOf(app, reserve(id, 100), insert(id, 99))).toBe('refunds_add_up');
    expect(await endOf(app, insert(id, 100), reserve(id, 100))).toBe('committed');
  });

  it('cannot end a refund and keep its reservation, nor let it succeed without its booking', async () => {
    const payment = await desk.paid();
    const { id } = await desk.opened(payment, { amount: 100 });

    expect(await endOf(app, `UPDATE refunds SET status = 'failed' WHERE id = '${id}'`)).toBe('refunds_add_up');
    expect(await endOf(app, `UPDATE refunds SET status = 'succeeded' WHERE id = '${id}'`)).toBe(
      'refunds_are_booked_while_gone',
    );
  });

  it('could do both without the triggers (control)', async () => {
    await tampering.withoutRefundSums(broken.shop.db);
    const other = new pg.Client({ connectionString: broken.shop.db.databaseUrl });
    await other.connect();
    const { id } = await broken.paid();

    expect(await endOf(other, insert(id, 100))).toBe('committed');
    expect(await endOf(other, reserve(id, 2 * PRICE))).toBe('committed');
    await other.end();
  });
});
