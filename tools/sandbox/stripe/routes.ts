import type { JsonObject } from '../core/json.js';
import type { Call } from './call.js';
import { closeDispute, updateDispute } from './disputes.js';
import type { StripeFailure } from './failures.js';
import { cancelIntent, captureIntent, confirmIntent, createIntent, retrieveIntent, updateIntent } from './intents.js';
import { listOf, oneOf } from './lists.js';
import { cancelRefund, createRefund, updateRefund } from './refunds.js';

export interface Route {
  /** As in the journal and in the faults. */
  op: string;
  /** A failure thrown: nothing happened. A failure returned: it happened, and the answer is bad news. */
  run(call: Call): JsonObject | StripeFailure;
  isPublishable?: true;
}

const ROUTES: Record<string, Route> = {
  'POST payment_intents': { op: 'payment_intents.create', run: createIntent },
  'GET payment_intents': { op: 'payment_intents.list', run: listOf('intents') },
  'GET payment_intents/:id': { op: 'payment_intents.retrieve', run: retrieveIntent, isPublishable: true },
  'POST payment_intents/:id': { op: 'payment_intents.update', run: updateIntent },
  'POST payment_intents/:id/confirm': { op: 'payment_intents.confirm', run: confirmIntent, isPublishable: true },
  'POST payment_intents/:id/capture': { op: 'payment_intents.capture', run: captureIntent },
  'POST payment_intents/:id/cancel': { op: 'payment_intents.cancel', run: cancelIntent },
  'GET charges': { op: 'charges.list', run: listOf('charges') },
  'GET charges/:id': { op: 'charges.retrieve', run: oneOf('charges') },
  'POST refunds': { op: 'refunds.create', run: createRefund },
  'GET refunds': { op: 'refunds.list', run: listOf('refunds') },
  'GET refunds/:id': { op: 'refunds.retrieve', run: oneOf('refunds') },
  'POST refunds/:id': { op: 'refunds.update', run: updateRefund },
  'POST refunds/:id/cancel': { op: 'refunds.cancel', run: cancelRefund },
  'GET disputes': { op: 'disputes.list', run: listOf('disputes') },
  'GET disputes/:id': { op: 'disputes.retrieve', run: oneOf('disputes') },
  'POST disputes/:id': { op: 'disputes.update', run: updateDispute },
  'POST disputes/:id/close': { op: 'disputes.close', run: closeDispute },
  'GET events': { op: 'events.list', run: listOf('events') },
  'GET events/:id': { op: 'events.retrieve', run: oneOf('events') },
  'GET balance_transactions': { op: 'balance_transactions.list', run: listOf('transactions') },
  'GET balance_transactions/:id': { op: 'balance_transactions.retrieve', run: oneOf('transactions') },
};

/** `GET charges/:id`, and so on: all there is. */
export const ROUTE_NAMES: readonly string[] = Object.keys(ROUTES);

export interface Found {
  route: Route;
  id: string;
}

/** Paths are `/v1/<collection>[/<id>[/<verb>]]`, nothing deeper. */
export function findRoute(method: string, path: string): Found | null {
  const [, , collection = '', id, verb, ...rest] = path.split('/');
  if (rest.length > 0 || id === '') return null;
  const name = `${method} ${collection}${id === undefined ? '' : '/:id'}${verb === undefined ? '' : `/${verb}`}`;
  const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  return route ? { route, id: id ?? '' } : null;
}
