/** Every way to pay. Each has exactly one strategy: a method without one does not compile. */
export const PAYMENT_METHODS = ['card', 'bank_transfer', 'cash_on_delivery'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];
