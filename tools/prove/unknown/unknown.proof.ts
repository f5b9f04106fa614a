import { tampering } from '../../../test/support/tampering.js';
import type { Proof } from '../proof.js';
import type { Stage } from '../stage.js';
import { CASES } from './cases.js';
import { hearADayLater, hearNothing, OLD_NAMES } from './day-later.js';
import { payOnBadDays, type Setting } from './matrix.js';

/** One lost answer after the other, and each case must still be asked: the breaker has stories of its own. */
const NEVER_OPENS = { PROVIDER_FAILURES_TO_OPEN: '1000000' };
/** The provider's own list decides about what cannot be submitted any more: sixty times sooner than in production. */
const TIMERS = { RECOVERY_RESUBMIT_WINDOW_MS: '10000', RECOVERY_LIST_DELAY_MS: '600', RECOVERY_BACKOFF_MAX_MS: '1000' };

async function run(stage: Stage): Promise<void> {
  const shop = await stage.shop({ env: { ...TIMERS, ...NEVER_OPENS } });
  const setting: Setting = { stage, shop, buyer: await shop.as('anna@purser.test') };
  for (let round = 0; round < stage.rounds; round += 1) {
    await payOnBadDays(setting);
    if (!stage.isWithout()) await hearADayLater(setting);
  }
  await stage.lookAtBooks(shop);
  if (!stage.isWithout()) await hearNothing(setting);
}

export const unknown: Proof = {
  shows:
    "every answer but the provider's own no leaves a payment open, and it ends at the provider's truth, uncharged twice",
  promises: ['P5', 'P6', 'P7', 'P8'],
  rounds: { quick: 1, alone: 5 },
  covers: [...CASES.map(({ name }) => name), ...OLD_NAMES, 'refused, and paid again'],
  guards: {
    'unknown-status': {
      what: 'the status unknown: a lost answer is taken for a refusal',
      seen: 'orders captured twice',
      tamper: tampering.unknownIsFailed,
    },
  },
  run,
};
