import { Proxy } from '../../../test/support/proxy.js';
import { tampering } from '../../../test/support/tampering.js';
import type { Proof } from '../proof.js';
import type { Stage } from '../stage.js';
import { Fleet } from './fleet.js';
import { sendDoubtful } from './operator.js';
import { POINTS } from './points.js';
import { dieAt, ReplyTrap, type Scene } from './scene.js';
import { storm } from './storm.js';
import { Trap } from './trap.js';

/** Recovery looks sooner than in the other proofs: every round waits for it. */
const TIMERS = { RECOVERY_FIRST_CHECK_MS: '1500' };
const BETWEEN_LOOKS = 10;
const STOCK = 100_000;
/** In the round of all proofs, a storm after every second point. */
const QUICK_STORMS = 2;

/** In every round one of the points in turn, and then a storm. The control needs only the point its guard is about. */
async function run(stage: Stage): Promise<void> {
  const trap = new Trap();
  const shop = await stage.shop({ env: TIMERS, proxied: { toDatabase: trap.listener } });
  const replies = new ReplyTrap();
  const [first = '', ...others] = shop.webs;
  const door = await Proxy.before(first, replies.listener);
  try {
    const buyer = (await shop.as('anna@purser.test')).at([door.through(first).replace(/\/$/, ''), ...others]);
    const { id: productId } = await shop.product({ stock: STOCK });
    const scene: Scene = { stage, shop, fleet: new Fleet(shop), buyer, productId, trap, replies, door };
    await play(scene);
    stage.note('kills', scene.fleet.kills);
    await lookAtBooks(scene);
  } finally {
    await door.close();
  }
}

async function play(scene: Scene): Promise<void> {
  const { stage, fleet } = scene;
  const points = stage.isWithout() ? POINTS.filter(({ name }) => name === 'after the provider has accepted') : POINTS;
  for (let round = 0; round < stage.rounds; round += 1) {
    const point = points[round % points.length];
    if (point) await dieAt(point, scene);
    await fleet.whole();
    if (stage.isWithout()) return;
    if (round % (stage.isQuick ? QUICK_STORMS : 1) === 0) await storm(scene);
    await fleet.whole();
    if (round % BETWEEN_LOOKS === BETWEEN_LOOKS - 1) await lookAtBooks(scene);
  }
}

async function lookAtBooks(scene: Scene): Promise<void> {
  await sendDoubtful(scene);
  await scene.stage.lookAtBooks(scene.shop);
}

export const kill: Proof = {
  shows: 'kill -9 of web servers and workers, at named points and at random: every effect once, every answer the same',
  promises: ['P4', 'P21'],
  rounds: { quick: POINTS.length, alone: 5 * POINTS.length },
  covers: [
    ...POINTS.map(({ name }) => `killed ${name}`),
    'killed at random: web',
    'killed at random: worker',
    'requests whose server died',
  ],
  guards: {
    'provider-key': {
      what: "the payment's one key at the provider: recovery asks under a new one each time",
      seen: 'orders captured twice',
      tamper: tampering.freshProviderKeyPerAttempt,
    },
  },
  run,
};
