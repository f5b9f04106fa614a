import { defineError } from '../../../shared/errors.js';

export class PaymentNotRefundable extends defineError(
  'payment-not-refundable',
  'conflict',
  'The payment cannot be refunded',
) {
  constructor(status: string) {
    super(`Only a captured payment can be refunded; this one is ${status}.`, { paymentStatus: status });
  }
}

export class RefundExceedsCaptured extends defineError(
  'refund-exceeds-captured',
  'conflict',
  'More than what is left of the payment',
) {
  /** Minor units; `left` is what is captured, and neither returned nor reserved for another refund. */
  constructor(asked: number, left: number) {
    super(`${asked} were to go back; ${left} are left.`, { asked, left });
  }
}

/** An answer about a refund that exists: it has ended, and its amount can be refunded again. */
export class RefundRefused extends defineError('refund-refused', 'conflict', 'The refund was refused') {
  constructor(refundId: string, { code, message }: { code: string; message: string }) {
    super(message, { refundId, reason: code });
  }
}

export class RefundNotFound extends defineError('refund-not-found', 'not-found', 'No such refund') {
  constructor(id: string) {
    super(`There is no refund ${id}.`);
  }
}
