import { Postpone } from '../../platform/events/consumer.js';
import { PROVIDER_UNAVAILABLE } from '../../platform/resilience/provider-guard.js';
import type { PaymentFailure } from './payment.entity.js';

/** Short beside an outage, long beside a look at the delivery. */
const NOT_CALLED_PAUSE_MS = 10_000;

/**
 * What a consumer throws when its question was not answered. Where it was not even asked, the delivery waits and no attempt
 * is counted: an outage of the provider must park nothing. The alarm about it was raised when the provider went silent.
 */
export function unanswered({ code }: Pick<PaymentFailure, 'code'>): Error {
  return code === PROVIDER_UNAVAILABLE
    ? new Postpone(NOT_CALLED_PAUSE_MS)
    : new Error(`the provider did not answer: ${code}`);
}
