import type { Charge, Intent } from '../core/records.js';
import { newId } from '../core/random.js';
import { AUTHORIZATION_SECONDS } from './views/charge.view.js';
import { type Scene, emitCharge, emitIntent } from './events.js';
import { bookCharge, noteIntent, planAftermath } from './payments.js';

/** Takes all or part of what was reserved; the rest is let go. */
export function capture(scene: Scene, intent: Intent, amount: number): Intent {
  const { unit } = scene;
  const charge = chargeOf(scene, intent);
  if (charge) {
    const transaction = bookCharge(scene, charge, amount);
    const taken = unit.put('charges', { ...charge, captured: true, amountCaptured: amount, transaction });
    emitCharge(scene, 'captured', taken);
    planAftermath(scene, taken);
  }
  const done = unit.put('intents', { ...intent, status: 'succeeded', capturable: 0, received: amount });
  emitIntent(scene, 'succeeded', done);
  noteIntent(scene, done, { outcome: 'captured', amount });
  return done;
}

/** A reserved amount goes back as a refund without a balance transaction: no money had moved. */
export function cancel(scene: Scene, intent: Intent, reason: string | null): Intent {
  if (intent.status === 'requires_capture') release(scene, intent, 'refunded');
  return end(scene, intent, reason);
}

function end(scene: Scene, intent: Intent, reason: string | null): Intent {
  const ended = scene.unit.put('intents', {
    ...intent,
    status: 'canceled',
    capturable: 0,
    canceledAt: scene.world.clock.seconds,
    cancellationReason: reason,
  });
  emitIntent(scene, 'canceled', ended);
  noteIntent(scene, ended, 'cancelled');
  return ended;
}

function release(scene: Scene, intent: Intent, event: 'refunded' | 'expired'): void {
  const charge = chargeOf(scene, intent);
  if (!charge) return;
  const { unit } = scene;
  if (event === 'refunded') {
    unit.put('refunds', {
      id: newId('re_3'),
      created: scene.world.clock.seconds,
      charge: charge.id,
      intent: intent.id,
      amount: charge.amount,
      currency: charge.currency,
      status: 'succeeded',
      reason: null,
      metadata: {},
      paymentMethod: charge.paymentMethod,
      transaction: null,
      failureReason: null,
      failureTransaction: null,
    });
  }
  emitCharge(scene, event, unit.put('charges', { ...charge, amountRefunded: charge.amount }));
}

/** Lets every authorisation older than seven days lapse. */
export function lapse(scene: Scene): void {
  const { world } = scene;
  for (const intent of world.store.tables.intents.oldestFirst()) {
    if (intent.status !== 'requires_capture') continue;
    const charge = chargeOf(scene, intent);
    if (charge && charge.created + AUTHORIZATION_SECONDS > world.clock.seconds) continue;
    release(scene, intent, 'expired');
    end(scene, intent, 'automatic');
  }
}

function chargeOf(scene: Scene, intent: Intent): Charge | undefined {
  return intent.charge === null ? undefined : scene.unit.get('charges', intent.charge);
}
