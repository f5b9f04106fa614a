import { defineError } from '../shared/errors.js';
import type { LivePayment } from './open-payments.js';

const SETTLING: readonly string[] = ['submitting', 'unknown', 'needs_review'];

/** Orders refuse with it what payments refuse with it; the members tell a program whether waiting or cancelling helps. */
export class PaymentInProgress extends defineError('payment-in-progress', 'conflict', 'A payment is under way') {
  constructor(orderId: string, payment?: LivePayment) {
    const advice = payment && SETTLING.includes(payment.status) ? ' Wait until its outcome is known.' : '';
    super(`Order ${orderId} has a payment that is under way or done.${advice}`, {
      ...(payment ? { paymentId: payment.id, paymentStatus: payment.status } : {}),
    });
  }
}
