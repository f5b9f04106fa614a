import { problemBody, type ProblemBody } from '../../../platform/http/problem.js';
import type { Refund } from './refund.entity.js';
import { RefundRefused } from './refund.errors.js';
import { isRefundAnswer, REFUND_LIFE } from './refund-status.js';
import { viewRefund, type RefundView } from './refund.view.js';

/** What support is told about a refund: the first that is known is stored under their key. */
export interface RefundAnswer {
  readonly status: number;
  readonly body: RefundView | ProblemBody;
}

const NOT_TOLD = { code: 'refused', message: 'The provider did not give the money back.' };

/** The answer to a refund that has one. Pure, so that every settlement of the same row would store the same. */
export function refundAnswerOf(refund: Refund): RefundAnswer {
  if (REFUND_LIFE[refund.status] !== 'ended') return { status: 201, body: viewRefund(refund) };
  const problem = new RefundRefused(refund.id, refund.lastError ?? NOT_TOLD);
  return { status: 409, body: problemBody(problem, { instance: `/v1/payments/${refund.paymentId}/refunds` }) };
}

/** The answer as far as it is known: 202 with the current view while it is not. */
export function currentRefundAnswer(refund: Refund): RefundAnswer {
  return isRefundAnswer(refund.status) ? refundAnswerOf(refund) : { status: 202, body: viewRefund(refund) };
}
