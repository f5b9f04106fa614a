import { problemBody, type ProblemBody } from '../../platform/http/problem.js';
import type { DomainError } from '../../shared/errors.js';
import type { Payment } from './payment.entity.js';
import { CardDeclined, PaymentRefused } from './payment.errors.js';
import { isAnswer } from './payment-status.js';
import { viewPayment, type PaymentView } from './payment.view.js';

/** What the customer is told about a payment: the final one is stored under their key. */
export interface PaymentAnswer {
  readonly status: number;
  readonly body: PaymentView | ProblemBody;
}

/** The answer to a payment that has one. Pure, so that every settlement of the same row would store the same. */
export function answerOf(payment: Payment): PaymentAnswer {
  if (payment.status !== 'failed') return { status: 201, body: viewPayment(payment) };
  const instance = `/v1/orders/${payment.orderId}/payments`;
  return { status: 402, body: problemBody(refusalOf(payment), { instance }) };
}

/** The answer as far as it is known: 202 with the current view while it is not. */
export function currentAnswer(payment: Payment): PaymentAnswer {
  return isAnswer(payment.status) ? answerOf(payment) : { status: 202, body: viewPayment(payment) };
}

/** The same for a capture: an authorized payment whose capture was asked for is not known yet. */
export function captureAnswer(payment: Payment): PaymentAnswer {
  if (payment.status === 'authorized') return { status: 202, body: viewPayment(payment) };
  return currentAnswer(payment);
}

function refusalOf({ lastError }: Payment): DomainError {
  if (lastError?.kind === 'card') {
    return new CardDeclined(lastError.declineCode ?? lastError.code, lastError.message);
  }
  return new PaymentRefused(lastError?.code ?? 'refused', lastError?.message ?? 'The provider refused the payment.');
}
