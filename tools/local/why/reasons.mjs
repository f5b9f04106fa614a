/** Nobody can do anything about these any more; the rest is on its way. */
const REFUND_ENDS = ['succeeded', 'failed', 'cancelled'];

/**
 * Why an order stands where it stands: what keeps it, the gravest first. Never empty; complete is a reason, too.
 * @param {import('./history.mjs').History} history @returns {string[]}
 */
export function reasonsOf({ order, left }) {
  const reasons = [
    ...left.work.filter(({ isParked }) => isParked).map(parked),
    ...left.reviews.map(({ reason, paymentId }) => `An operator has to look at payment ${paymentId}: ${reason}.`),
    ...left.payments.flatMap(paymentWaits),
    ...left.refunds.filter(({ status }) => !REFUND_ENDS.includes(status)).map(refundWaits),
    ...left.work.filter(({ isParked }) => !isParked).map(underWay),
    ...customerWaits(order, left),
  ];
  if (reasons.length > 0) return reasons;
  return [`Complete: the order is ${order.status}, and nothing is left to do.`];
}

/** @param {import('./history.mjs').Left['work'][number]} work */
function parked({ subscriber, event, eventId, attempts, error }) {
  const why = error ?? 'it took its workers down';
  return `Stopped: ${subscriber} gave up on ${event} after ${attempts} attempts: ${why}. Replay it once that is mended: POST /v1/admin/deliveries/${eventId}/${subscriber}/replay.`;
}

/** @param {import('./history.mjs').Left['work'][number]} work */
function underWay({ subscriber, event, attempts, error }) {
  const last = error ? `; the last of ${attempts} attempts ended with: ${error}` : '';
  return `Under way: ${subscriber} has to hear of ${event}${last}.`;
}

/** @param {import('./history.mjs').Left['refunds'][number]} refund */
function refundWaits({ id, status }) {
  return `Refund ${id} is ${status}: it has not reached the customer yet.`;
}

/** @param {import('./history.mjs').Left['payments'][number]} payment @returns {string[]} */
function paymentWaits({ id, status, error, checks, nextCheckAt, actionExpiresAt }) {
  const look = nextCheckAt ? `; recovery looks at ${nextCheckAt} (${checks} looks since)` : '';
  const answer = error ? `: ${error.code}, ${error.message}` : '';
  switch (status) {
    case 'submitting':
      return [`Payment ${id} is submitted, and no answer is recorded${look}.`];
    case 'unknown':
      return [`Payment ${id} is unknown: the provider gave no answer that decides${answer}${look}.`];
    case 'requires_action':
      return [`Payment ${id} waits for the customer to confirm it, until ${actionExpiresAt}.`];
    case 'authorized':
      return [`Payment ${id} is reserved and waits to be captured, or cancelled.`];
    case 'awaiting_confirmation':
      return [`Payment ${id} waits for an admin to confirm that the money arrived.`];
    case 'needs_review':
      return [`Payment ${id} needs review: we cannot know what became of it${answer}.`];
    default:
      return [];
  }
}

/** A pending order without a live payment is the customer's turn. @param {import('./history.mjs').Order} order @param {import('./history.mjs').Left} left @returns {string[]} */
function customerWaits({ status, expiresAt, isExpired }, { payments }) {
  const isOver = ({ status: now }) => ['failed', 'cancelled', 'late_succeeded'].includes(now);
  if (status !== 'pending' || !payments.every(isOver)) return [];
  if (isExpired) return [`It expired at ${expiresAt.toISOString()}; a worker cancels it.`];
  const last = payments.at(-1);
  const said = last?.error ? ` The last payment ended ${last.status}: ${last.error.message}` : '';
  return [`It waits for the customer to pay, until ${expiresAt.toISOString()}.${said}`];
}
