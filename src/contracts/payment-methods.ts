/** Every way to pay. Each has exactly one strategy: a method without one does not compile. */
export const PAYMENT_METHODS = ['card'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];
