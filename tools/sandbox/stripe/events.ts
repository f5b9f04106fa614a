import type { JsonObject } from '../core/json.js';
import { newId } from '../core/random.js';
import type { Charge, Intent, Refund } from '../core/records.js';
import type { Unit } from '../core/unit.js';
import type { World } from '../core/world.js';
import { chargeView, refundView } from './views/charge.view.js';
import { intentView } from './views/intent.view.js';

export const API_VERSION = '2026-10-28.endive';

/** A piece of work on the account, and the request it came from; the provider's own doings have no request. */
export interface Scene {
  world: World;
  unit: Unit;
  request: { id: string | null; idempotencyKey: string | null };
}

/** Keeps a snapshot of the object as it is now, and lets the webhook hear of it once the work is written. */
export function emit(scene: Scene, type: string, object: JsonObject): void {
  const { world, unit } = scene;
  const id = newId('evt_3');
  const isSent = world.webhooks.takes();
  const created = world.clock.seconds;
  const event: JsonObject = {
    id,
    object: 'event',
    api_version: API_VERSION,
    created,
    data: { object },
    livemode: false,
    pending_webhooks: world.webhooks.settings.url === null ? 0 : 1,
    request: { id: scene.request.id, idempotency_key: scene.request.idempotencyKey },
    type,
  };
  unit.put('events', { id, created, type, json: JSON.stringify(event) });
  if (!isSent) return;
  unit.put('deliveries', { id });
  unit.deliveries.push(id);
}

export function emitIntent(scene: Scene, type: string, intent: Intent): void {
  emit(scene, `payment_intent.${type}`, intentView(intent, scene.world.baseUrl));
}

export function emitCharge(scene: Scene, type: string, charge: Charge): void {
  emit(scene, `charge.${type}`, chargeView(charge, scene.world.baseUrl));
}

/** Each change of a refund is told in today's words and in the older `charge.refund.updated`. */
export function emitRefund(scene: Scene, type: 'created' | 'updated' | 'failed', refund: Refund): void {
  const types = type === 'failed' ? ['refund.failed', 'refund.updated'] : [`refund.${type}`];
  if (type !== 'created') types.push('charge.refund.updated');
  for (const name of types) emit(scene, name, refundView(refund));
}
