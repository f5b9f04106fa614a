import type { Json, JsonObject } from '../../core/json.js';
import { testCard } from '../cards.js';
import { chargeView, refundView, transactionView } from './charge.view.js';
import { showDispute } from '../disputes.js';
import type { Scene } from '../events.js';
import { refusedParameter } from '../failures.js';
import { intentView } from './intent.view.js';
import { paymentMethodView } from './payment-method.view.js';

const DEPTH_LIMIT = 4;

/** Puts the object where its id stands, for each path such as `data.latest_charge.balance_transaction`. */
export function expand(scene: Scene, view: JsonObject, paths: string[]): JsonObject {
  for (const path of paths) {
    const steps = path.split('.');
    if (steps.length > DEPTH_LIMIT) throw refused(path);
    walk(scene, view, { path, steps });
  }
  return view;
}

interface Way {
  path: string;
  steps: string[];
}

function walk(scene: Scene, at: Json, { path, steps }: Way): void {
  const [step, ...rest] = steps;
  if (step === undefined || at === null) return;
  if (Array.isArray(at)) {
    for (const item of at) walk(scene, item, { path, steps });
    return;
  }
  if (typeof at !== 'object') throw refused(path);
  if (step === 'refunds' && at['object'] === 'charge') at[step] = refundsOf(scene, at);
  const value = at[step];
  if (value === undefined || typeof value === 'number' || typeof value === 'boolean') throw refused(path);
  if (typeof value === 'string') at[step] = resolve(scene, at, value) ?? deny(path);
  walk(scene, at[step] ?? null, { path, steps: rest });
}

function resolve(scene: Scene, owner: JsonObject, id: string): JsonObject | null {
  const { unit, world } = scene;
  const intent = unit.get('intents', id);
  if (intent) return intentView(intent, world.baseUrl);
  const charge = unit.get('charges', id);
  if (charge) return chargeView(charge, world.baseUrl);
  const refund = unit.get('refunds', id);
  if (refund) return refundView(refund);
  const transaction = unit.get('transactions', id);
  if (transaction) return transactionView(transaction);
  const dispute = unit.get('disputes', id);
  if (dispute) return showDispute(scene, dispute);
  return id.startsWith('pm_') ? methodOf(scene, owner, id) : null;
}

/** A payment method is known by who used it. */
function methodOf(scene: Scene, owner: JsonObject, id: string): JsonObject | null {
  const user = scene.unit.get('intents', idOf(owner)) ?? scene.unit.get('charges', idOf(owner));
  const card = user?.card ? testCard(user.card) : null;
  return user && card ? paymentMethodView({ id, created: user.created, card }) : null;
}

function refundsOf(scene: Scene, charge: JsonObject): JsonObject {
  const id = idOf(charge);
  const data: Json[] = [];
  for (const refund of scene.world.store.tables.refunds.newestFirst()) {
    if (refund.charge === id) data.push(refundView(refund));
  }
  return { object: 'list', data, has_more: false, url: `/v1/charges/${id}/refunds` };
}

function idOf(view: JsonObject): string {
  return typeof view['id'] === 'string' ? view['id'] : '';
}

function refused(path: string): Error {
  return refusedParameter('expand', null, `This property cannot be expanded (${path}).`);
}

function deny(path: string): never {
  throw refused(path);
}
