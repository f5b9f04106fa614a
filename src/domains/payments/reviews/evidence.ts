import type { ProviderReport } from '../provider-report.js';
import type { RefundReport } from '../refunds/refund-report.js';

/** What a provider said, as it may be kept and shown: without the secrets a customer needs to go on. */
export interface ProviderEvidence {
  readonly status: (ProviderReport | RefundReport)['status'];
  readonly op: string;
  readonly requestId: string | null;
  readonly at: string;
  readonly providerPaymentId: string | null;
  /** Minor units; null where the provider named none. */
  readonly amount: number | null;
  readonly currency: string | null;
  /** A code such as `card_declined` or `no-answer`; null where there is nothing to explain. */
  readonly reason: string | null;
}

export function evidenceOf(report: ProviderReport | RefundReport): ProviderEvidence {
  const { status, call } = report;
  return {
    status,
    op: call.op,
    requestId: call.requestId,
    at: call.endedAt.toISOString(),
    providerPaymentId: ('providerPaymentId' in report ? report.providerPaymentId : null) ?? null,
    amount: ('amount' in report ? report.amount : null) ?? null,
    currency: ('currency' in report ? report.currency : null) ?? null,
    reason: reasonOf(report),
  };
}

function reasonOf(report: ProviderReport | RefundReport): string | null {
  if (report.status === 'failed') return report.failure.code;
  return report.status === 'unknown' || report.status === 'undecidable' ? report.reason.code : null;
}
