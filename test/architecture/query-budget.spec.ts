import { expectStatus } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { countStatements } from '../support/statement-count.js';

jest.setTimeout(120_000);

const PLACING_AND_PAYING = 12;
const WHOLE_PURCHASE = 40;

/** Frames of a transaction, and what is asked all the time whether anybody buys or not. */
const NOT_COUNTED = [
  /^(BEGIN|START TRANSACTION|COMMIT|ROLLBACK)/i,
  /^UPDATE event_deliveries AS d SET available_at/,
  /^UPDATE payments AS p\s+SET checks/,
  /FROM orders\s+WHERE status = 'pending' AND expires_at <= now\(\) AND \(expires_at, id\)/,
  /^INSERT INTO schedule_runs/,
  /^WITH settled AS/,
  /^SELECT 1\b(?! AS)/,
];

const counter = countStatements();
let shop: RunningShop;

beforeAll(async () => {
  // Unshortened, so that a busy machine does not hand work out twice and have it counted twice.
  const env = { DELIVERY_REDISPATCH_MS: '30000', DELIVERY_LEASE_MS: '30000' };
  shop = await startShop({ env, proxied: { toDatabase: counter.listener } });
});

afterAll(async () => {
  await shop?.stop();
});

function counted(): string[] {
  return counter.statements.map((text) => text.trim()).filter((text) => !NOT_COUNTED.some((frame) => frame.test(text)));
}

it(`places and pays an order in at most ${PLACING_AND_PAYING} statements, a whole purchase in ${WHOLE_PURCHASE}`, async () => {
  const anna = await shop.as('anna@purser.test');
  const { id: productId } = await shop.product();
  // Once before it counts: connections, first reads of a session.
  expectStatus(await anna.pay((await anna.place([{ productId, quantity: 1 }])).id), 201);
  await shop.quiet();

  await shop.sandbox.webhooks({ paused: true });
  await shop.kill('worker', { signal: 'SIGSTOP' });
  counter.restart();
  const order = await anna.place([{ productId, quantity: 1 }]);
  const placing = counted().length;
  expectStatus(await anna.pay(order.id), 201);
  const request = counted();
  await shop.kill('worker', { signal: 'SIGCONT' });
  await shop.sandbox.webhooks({});
  await shop.quiet();
  const whole = counted();

  process.stdout.write(`placing ${placing}, paying ${request.length - placing}, a whole purchase ${whole.length}\n`);
  expect(placing).toBeGreaterThan(0);
  expect(request.filter((text) => text.startsWith('unknown'))).toEqual([]);
  expect(request.length).toBeLessThanOrEqual(PLACING_AND_PAYING);
  expect(whole.length).toBeLessThanOrEqual(WHOLE_PURCHASE);
});

it('counts every statement it is given (control)', async () => {
  const anna = await shop.as('anna@purser.test');
  const { id: productId } = await shop.product();
  await shop.quiet();
  counter.restart();

  for (let round = 0; round < PLACING_AND_PAYING; round += 1) await anna.place([{ productId, quantity: 1 }]);

  expect(counted().length).toBeGreaterThan(PLACING_AND_PAYING);
  await shop.quiet();
});
