import { expectStatus } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { countedStatements, PLACING_AND_PAYING, UNHURRIED, WHOLE_PURCHASE } from '../support/statement-budget.js';
import { countStatements } from '../support/statement-count.js';

jest.setTimeout(120_000);

const counter = countStatements();
let shop: RunningShop;

beforeAll(async () => {
  shop = await startShop({ env: UNHURRIED, proxied: { toDatabase: counter.listener } });
});

afterAll(async () => {
  await shop?.stop();
});

const counted = () => countedStatements(counter);

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
