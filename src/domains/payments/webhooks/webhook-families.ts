/**
 * Webhooks by the object they are about. What fits none is stored, and makes no work. `payment_intent.created` is left
 * out: an intent that was confirmed has another event as well, and one that was not waits for a secret that only we have.
 */
export const WEBHOOK_FAMILIES = {
  intent: /^payment_intent\.(?!created$)/,
  refund: /^(refund\.|charge\.refund\.updated$)/,
  refundedCharge: /^charge\.refunded$/,
  dispute: /^charge\.dispute\./,
} as const satisfies Record<string, RegExp>;

export type WebhookFamily = keyof typeof WEBHOOK_FAMILIES;

/** Undefined for a type nobody has anything to do about. */
export function familyOf(type: string): WebhookFamily | undefined {
  return (Object.keys(WEBHOOK_FAMILIES) as WebhookFamily[]).find((family) => WEBHOOK_FAMILIES[family].test(type));
}
