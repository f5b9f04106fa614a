import { BadRequest } from '../core/http.js';
import type { Json, JsonObject } from '../core/json.js';
import type { Charge } from '../core/records.js';
import { dispute, showDispute } from '../stripe/disputes.js';
import type { Scene } from '../stripe/events.js';
import { StripeFailure } from '../stripe/failures.js';
import { authenticate, isPayable } from '../stripe/payments.js';
import { refund } from '../stripe/refunds.js';
import { refundView } from '../stripe/views/charge.view.js';
import { intentView } from '../stripe/views/intent.view.js';

/** What happens to the account without the API: the customer answers, the bank disputes, somebody clicks in the dashboard. */
export function letCustomerAnswer(scene: Scene, id: string, body: Json | undefined): JsonObject {
  const intent = scene.unit.get('intents', id);
  if (!intent) throw new BadRequest(`There is no payment intent ${id} here`);
  if (intent.status !== 'requires_action' || !isPayable(intent)) {
    throw new BadRequest(`Nobody is being asked: the payment intent is ${intent.status}`);
  }
  return intentView(authenticate(scene, intent, field(body, 'succeed') !== false), scene.world.baseUrl);
}

export function disputeCharge(scene: Scene, id: string): JsonObject {
  const charge = captured(scene, id);
  return showDispute(
    scene,
    told(() => dispute(scene, charge)),
  );
}

export function dashboardRefund(scene: Scene, id: string, body: Json | undefined): JsonObject {
  const charge = captured(scene, id);
  const given = field(body, 'amount') ?? null;
  const isAmount = given === null || (typeof given === 'number' && Number.isInteger(given) && given > 0);
  if (!isAmount) throw new BadRequest('amount is a positive whole number of minor units');
  return refundView(told(() => refund(scene, charge, { amount: given, reason: null, metadata: {} })));
}

function captured(scene: Scene, id: string): Charge {
  const charge = scene.unit.get('charges', id);
  if (charge?.captured) return charge;
  throw new BadRequest(`There is no captured charge ${id} here`);
}

function field(body: Json | undefined, name: string): Json | undefined {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? body[name] : undefined;
}

function told<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof StripeFailure) throw new BadRequest(error.message);
    throw error;
  }
}
