import { days, milliseconds, seconds } from './variable-kinds.js';

/** How long orders, payments and refunds wait, and how often each is looked at again. */
export const paymentVariables = {
  ORDER_TTL_SECONDS: seconds.default(1_800).describe('An unpaid order expires after this and gives its stock back.'),
  ORDER_EXPIRY_POLL_MS: milliseconds.default(5_000).describe('How often expired orders are looked for.'),
  PAYMENT_ACTION_TTL_SECONDS: seconds.default(1_800).describe('How long a customer may take to authenticate a card.'),
  AWAITING_CONFIRMATION_TTL_SECONDS: seconds
    .default(604_800)
    .describe('How long an order waits for a bank transfer or a delivery, from when that was chosen.'),
  RECOVERY_POLL_MS: milliseconds.default(2_000).describe('How often open payments are looked for.'),
  RECOVERY_FIRST_CHECK_MS: milliseconds
    .default(30_000)
    .describe('A payment whose call may still run is left alone this long.'),
  RECOVERY_RESUBMIT_WINDOW_MS: milliseconds
    .default(600_000)
    .describe('Younger than this, a payment without provider id is submitted again under its own key.'),
  RECOVERY_LIST_DELAY_MS: milliseconds
    .default(60_000)
    .describe("The provider's list decides only when begun this long after the last submit."),
  RECOVERY_GIVE_UP_MS: milliseconds
    .default(82_800_000)
    .describe('Open longer than this (23 h, before provider keys are pruned) a payment needs review.'),
  RECOVERY_BACKOFF_MAX_MS: milliseconds.default(60_000).describe('Longest pause between two looks at one payment.'),
  REFUND_PENDING_CHECK_MS: milliseconds
    .default(3_600_000)
    .describe(
      'How often a refund is asked about that a bank works on for days, or that nobody could tell of for 23 h.',
    ),
  WEBHOOK_ORPHAN_AFTER_MS: milliseconds
    .default(3_600_000)
    .describe('A webhook about an object nobody knows is retried this long.'),
  WEBHOOK_POLL_MS: milliseconds
    .default(300_000)
    .describe("How often the provider's own list of events is read for webhooks that did not arrive."),
  LEDGER_SEAL_POLL_MS: milliseconds
    .default(60_000)
    .describe('How often new bookings are sealed: until then, a byte changed in one of them is not found.'),
  RECONCILIATION_LOOKBACK_DAYS: days
    .default(8)
    .describe('How far a daily reconciliation looks back: captures come a week late.'),
};
