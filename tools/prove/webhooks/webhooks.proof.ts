import { tampering } from '../../../test/support/tampering.js';
import type { Proof } from '../proof.js';
import type { Stage } from '../stage.js';
import { fiftyTimes } from './duplicates.js';
import { forge, PREVIOUS_SECRET } from './forgeries.js';
import type { Setting } from './late-payments.js';
import { beforeOurCommit, everyOrder } from './permutations.js';
import { shuffle } from './shuffles.js';

/** In the round of all proofs, every fifth order of the 120. */
const QUICK_SHARE = 5;
const STOCK = 100_000;

async function run(stage: Stage): Promise<void> {
  const shop = await stage.shop({ env: { STRIPE_WEBHOOK_SECRET_PREVIOUS: PREVIOUS_SECRET } });
  // What arrives, and when, is decided here.
  await shop.sandbox.webhooks({ lose: 1 });
  const [buyer, product] = await Promise.all([shop.as('anna@purser.test'), shop.product({ stock: STOCK })]);
  const setting: Setting = { stage, shop, buyer, productId: product.id };
  await everyOrder(setting, stage.isQuick ? QUICK_SHARE : 1);
  if (stage.isWithout()) return;
  await beforeOurCommit(setting);
  await fiftyTimes(setting);
  await shuffle(setting, stage.rounds);
  await stage.lookAtBooks(shop);
  await forge(setting);
}

export const webhooks: Proof = {
  shows: "a payment's events in every order, lost, repeated, forged and lying, also before our own commit: one end",
  promises: ['P14', 'P15', 'P16', 'P20'],
  rounds: { quick: 40, alone: 400 },
  covers: [
    'orders of five events',
    'events heard before our own commit',
    'copies of one event',
    'shuffles',
    'payments whose every event was lost',
    'forgeries',
    'signed lies',
  ],
  guards: {
    'asking-back': {
      what: 'asking the provider about what a webhook says: its payload is believed',
      seen: 'ends that depend on the order of events',
      tamper: tampering.payloadIsBelieved,
    },
  },
  run,
};
