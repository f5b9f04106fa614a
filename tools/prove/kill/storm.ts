import { newKey, untilFinal } from '../../../test/support/client.js';
import { judge, type Scene } from './scene.js';

const CUSTOMERS = 6;
const DUPLICATES = 3;
const KILL_WITHIN_MS = 500;

/**
 * Customers place and pay, each with duplicates of every request, and somewhere in it a process dies. They go on until it
 * has, so that it dies at work.
 */
export async function storm(scene: Scene): Promise<void> {
  const { stage, fleet } = scene;
  const before = await ordersOf(scene);
  const victim = fleet.next(stage);
  const pauseMs = stage.dice(KILL_WITHIN_MS);
  const fate = { isSealed: false };
  const customers = Array.from({ length: CUSTOMERS }, () => buyUntil(fate, scene));
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  await fleet.kill(victim);
  fate.isSealed = true;
  stage.reached(`killed at random: ${victim.role}`);
  const bought = (await Promise.all(customers)).reduce((sum, purchases) => sum + purchases, 0);
  const placed = (await ordersOf(scene)) - before;
  stage.expect('not exactly one order for one key', placed === bought, `${placed} orders for ${bought} keys`);
}

async function buyUntil(fate: { readonly isSealed: boolean }, scene: Scene): Promise<number> {
  let purchases = 0;
  do {
    await purchase(scene);
    purchases += 1;
  } while (!fate.isSealed);
  return purchases;
}

async function ordersOf({ shop, productId }: Scene): Promise<number> {
  const sql = `SELECT count(*)::integer AS orders FROM order_items WHERE product_id = $1`;
  return (await shop.query<{ orders: number }>(sql, [productId]))[0]?.orders ?? NaN;
}

async function purchase({ stage, shop, buyer, productId }: Scene): Promise<void> {
  const keys = { place: newKey(), pay: newKey() };
  const items = [{ productId, quantity: 1 }];
  const duplicates = Array.from({ length: DUPLICATES }, (_, index) => index);
  const place = (index: number) =>
    untilFinal((attempt) => buyer.tryToPlace(items, { key: keys.place, web: (index + attempt) % shop.webs.length }));
  const placed = (await Promise.all(duplicates.map(place))).map((replies) => replies.at(-1));
  const ids = new Set(placed.map((reply) => `${reply?.status} ${reply?.body.id}`));
  stage.expect('different final answers for one key', ids.size === 1, [...ids]);
  const orderId = placed[0]?.body.id ?? '';
  const pay = (index: number) =>
    untilFinal((attempt) => buyer.pay(orderId, { key: keys.pay, web: (index + attempt) % shop.webs.length }));
  const conversations = await Promise.all(duplicates.map(pay));
  const broken = conversations.flat().filter(({ status }) => status === 0);
  stage.reached('requests whose server died', broken.length);
  await judge({ stage, shop }, { orderId, conversations });
}
