import type Stripe from 'stripe';
import { memberOf } from '../../../shared/unknown.js';
import { keptPayload } from './kept-payload.js';
import type { WebhookHint } from './webhook-inbox.repository.js';

/**
 * What of an event is believed: its names. Some are about nothing that has an id (a balance); such a one is about itself.
 * @throws TypeError when it is no event
 */
export function hintOf(event: Stripe.Event): WebhookHint {
  const { id: eventId, type } = event;
  const object = memberOf(memberOf(event, 'data'), 'object');
  if (typeof eventId !== 'string' || typeof type !== 'string' || typeof object !== 'object' || object === null) {
    throw new TypeError('not a Stripe event');
  }
  const objectId = memberOf(object, 'id');
  return {
    provider: 'stripe',
    eventId,
    type,
    objectId: typeof objectId === 'string' ? objectId : eventId,
    payload: keptPayload(event, object),
  };
}
