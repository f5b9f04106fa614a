import { type Client, newKey, untilFinal } from '../../../test/support/client.js';
import { type Arena, countOf, CROWD, type Race, tally } from './race.js';

const STOCK_MAX = 10;

/** P13: many want the last units; exactly as many get one as there are. */
async function run({ stage, shop, buyers }: Arena): Promise<void> {
  const stock = 1 + stage.dice(STOCK_MAX);
  const { id: productId } = await shop.product({ stock });
  const items = [{ productId, quantity: 1 }];
  const chosen = Array.from({ length: CROWD }, () => ({ buyer: stage.pick(buyers), key: newKey() }));
  const ask = (web: number, { buyer, key }: { buyer: Client; key: string }) =>
    untilFinal(() => buyer.tryToPlace(items, { key, web }));
  const told = tally(await Promise.all(chosen.map((one, index) => ask(index % shop.webs.length, one))));

  stage.reached('stock: buyers who came too late', countOf(told, /^409 out-of-stock/));
  stage.expect('not exactly as many sold as there were', countOf(told, /^201/) === stock, { stock, told });
  stage.expect('latecomers who were not told so', countOf(told, /^409 out-of-stock/) === CROWD - stock, told);
  const rows = await shop.query<{ left: number }>(`SELECT stock_on_hand AS left FROM products WHERE id = $1`, [
    productId,
  ]);
  stage.expect('stock that is not sold out exactly', rows[0]?.left === 0, rows[0]);
}

export const lastUnits: Race = { guard: 'stock', run };
