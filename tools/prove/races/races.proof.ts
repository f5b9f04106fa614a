import { tampering } from '../../../test/support/tampering.js';
import type { Proof } from '../proof.js';
import type { Stage } from '../stage.js';
import { cancelAgainstPay } from './cancel.race.js';
import { capture } from './capture.race.js';
import { checkout } from './checkout.race.js';
import { oneKey } from './one-key.race.js';
import type { Arena, Race } from './race.js';
import { refund } from './refund.race.js';
import { lastUnits } from './stock.race.js';

const RACES: readonly Race[] = [oneKey, checkout, lastUnits, capture, refund, cancelAgainstPay];
const BUYERS = 8;

/** Every race in every round; of a control, only the race its guard decides. */
async function run(stage: Stage): Promise<void> {
  const shop = await stage.shop();
  const [buyers, support] = await Promise.all([shop.customers(BUYERS), shop.as('support@purser.test')]);
  const arena: Arena = { stage, shop, buyers, support };
  const chosen = RACES.filter(({ guard }) => !stage.isWithout() || stage.isWithout(guard));
  for (let round = 0; round < stage.rounds; round += 1) {
    for (const race of stage.shuffled(chosen)) await race.run(arena);
  }
  await stage.lookAtBooks(shop);
}

export const races: Proof = {
  shows: 'contention on one key, checkout, last units, capture, refund, cancelling against paying: exact winner counts',
  promises: ['P1', 'P3', 'P10', 'P13'],
  rounds: { quick: 2, alone: 20 },
  covers: [
    'one key: repetitions',
    'checkout: refused because another payment lives',
    'stock: buyers who came too late',
    'capture: refused because somebody was first',
    'refund: refused because too little is left',
    'cancel: orders that were paid',
    'cancel: orders that were cancelled',
  ],
  guards: {
    keys: {
      what: 'the primary key of idempotency_keys, and the index on live payments behind it',
      seen: 'several payments for one key',
      tamper: tampering.withoutIdempotencyKeys,
    },
    index: {
      what: 'the index payments_one_live_per_order',
      seen: 'an order with several payments',
      tamper: tampering.withoutOneLivePayment,
    },
    stock: {
      what: 'the CHECK on the stock',
      seen: 'not exactly as many sold as there were',
      tamper: tampering.withoutStockCheck,
    },
    capture: {
      what: 'what a capture writes down before it asks the provider',
      seen: 'a capture without exactly one winner',
      tamper: tampering.capturingForgets,
    },
    refund: {
      what: 'the CHECK that no more is refunded than was captured',
      seen: 'several refunds of what is enough for one',
      tamper: tampering.withoutRefundLimit,
    },
    cancelling: {
      what: 'the look of cancelling at the payment under way',
      seen: 'money taken for a cancelled order',
      tamper: tampering.cancellingLooksAway,
    },
  },
  run,
};
