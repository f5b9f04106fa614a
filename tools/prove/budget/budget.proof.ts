import { type Client, expectStatus, newKey, type Reply } from '../../../test/support/client.js';
import type { RunningShop } from '../../../test/support/running-shop.js';
import {
  countedStatements,
  PLACING_AND_PAYING,
  UNHURRIED,
  WHOLE_PURCHASE,
} from '../../../test/support/statement-budget.js';
import { countStatements, type StatementCount } from '../../../test/support/statement-count.js';
import type { Proof } from '../proof.js';
import type { Stage } from '../stage.js';

const LINES = 3;

interface Till {
  readonly stage: Stage;
  readonly shop: RunningShop;
  readonly counter: StatementCount;
  readonly buyer: Client;
  readonly productIds: readonly string[];
}

interface Door {
  readonly name: string;
  readonly budget: number;
  readonly ask: (till: Till, orderId: string) => Promise<Reply>;
}

/** What one request may ask of PostgreSQL, the session's look included. */
const DOORS: readonly Door[] = [
  { name: 'GET /v1/orders/:id', budget: 2, ask: ({ buyer }, id) => buyer.get(`/v1/orders/${id}`) },
  { name: 'GET /v1/orders', budget: 3, ask: ({ buyer }) => buyer.get('/v1/orders?limit=100') },
  { name: 'GET /v1/orders/:id/payments', budget: 4, ask: ({ buyer }, id) => buyer.get(`/v1/orders/${id}/payments`) },
  { name: 'GET /v1/orders/:id/timeline', budget: 4, ask: ({ buyer }, id) => buyer.get(`/v1/orders/${id}/timeline`) },
  { name: 'GET /v1/products, cached', budget: 0, ask: ({ shop }) => shop.visitor.get('/v1/products') },
];

/** The worker sleeps while a request is counted, so that every statement is the request's own. */
async function run(stage: Stage): Promise<void> {
  const counter = countStatements();
  const shop = await stage.shop({ web: 1, workers: 1, env: UNHURRIED, proxied: { toDatabase: counter.listener } });
  const buyer = await shop.as('anna@purser.test');
  const products = await Promise.all(Array.from({ length: LINES }, () => shop.product()));
  const till: Till = { stage, shop, counter, buyer, productIds: products.map(({ id }) => id) };
  // Once before it counts: connections, first reads of a session.
  await buy(till, [till.productIds]);
  await shop.quiet();
  for (let round = 0; round < stage.rounds; round += 1) {
    const orderId = await countPurchase(till);
    for (const door of DOORS) await countDoor(till, door, orderId);
  }
  await stage.lookAtBooks(shop);
}

async function countPurchase(till: Till): Promise<string> {
  const { stage, shop, counter, productIds } = till;
  await shop.sandbox.webhooks({ paused: true });
  await shop.kill('worker', { signal: 'SIGSTOP' });
  counter.restart();
  // The control is the classic mistake: a purchase of three things, each on its own.
  const orderId = await buy(till, stage.isWithout() ? productIds.map((id) => [id]) : [productIds]);
  const request = countedStatements(counter).length;
  await shop.kill('worker', { signal: 'SIGCONT' });
  await shop.sandbox.webhooks({});
  await shop.quiet();
  const whole = countedStatements(counter).length;
  stage.reached('purchases counted');
  stage.note('statements to place and pay', request);
  stage.note('statements of a whole purchase, with webhooks and letters', whole);
  stage.expect(
    'statements above the budget',
    request <= PLACING_AND_PAYING,
    countedStatements(counter).slice(0, request),
  );
  stage.expect('statements above the budget', whole <= WHOLE_PURCHASE, countedStatements(counter));
  return orderId;
}

/** The last order. */
async function buy({ buyer }: Till, baskets: readonly (readonly string[])[]): Promise<string> {
  let orderId = '';
  for (const basket of baskets) {
    const { id } = await buyer.place(basket.map((productId) => ({ productId, quantity: 1 })));
    expectStatus(await buyer.pay(id, { key: newKey() }), 201);
    orderId = id;
  }
  return orderId;
}

async function countDoor(till: Till, { name, budget, ask }: Door, orderId: string): Promise<void> {
  const { stage, shop, counter } = till;
  expectStatus(await ask(till, orderId), 200);
  await shop.kill('worker', { signal: 'SIGSTOP' });
  counter.restart();
  expectStatus(await ask(till, orderId), 200);
  const statements = countedStatements(counter);
  await shop.kill('worker', { signal: 'SIGCONT' });
  stage.reached('requests counted');
  stage.note(`statements of ${name}`, statements.length);
  stage.expect('statements above the budget', statements.length <= budget, { name, statements });
}

export const budget: Proof = {
  shows: `what a request asks of PostgreSQL: to place and pay ≤ ${PLACING_AND_PAYING}, a whole purchase ≤ ${WHOLE_PURCHASE}`,
  promises: [],
  rounds: { quick: 1, alone: 5 },
  covers: ['purchases counted', 'requests counted'],
  guards: {
    'n-plus-one': { what: 'one order for all lines: each is bought on its own', seen: 'statements above the budget' },
  },
  run,
};
