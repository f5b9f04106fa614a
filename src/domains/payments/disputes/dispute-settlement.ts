import type { EventName } from '../../../contracts/domain-events.js';
import type { Money } from '../../../shared/money.js';
import type { Dispute, DisputeStatus } from './dispute.entity.js';

/** Money the provider moved because of a dispute, and what it kept for that; above zero both, whichever way it went. */
export interface DisputedMoney {
  readonly money: Money;
  readonly fee: Money;
}

/** A dispute as the provider shows it now. */
export interface DisputeReport {
  readonly providerDisputeId: string;
  readonly providerPaymentId: string | null;
  readonly claimed: Money;
  readonly reason: string;
  readonly status: DisputeStatus;
  /** Until when evidence can be handed in. */
  readonly dueBy: Date | null;
  readonly withdrawn: DisputedMoney | null;
  readonly reinstated: DisputedMoney | null;
}

/** One step of a dispute's life: its row, its event, and what is booked with it. */
export interface DisputeChange {
  readonly status: DisputeStatus;
  readonly event: EventName & `dispute.${string}`;
  readonly withdrawn: DisputedMoney | null;
  readonly reinstated: DisputedMoney | null;
}

/** Later ranks are later in a dispute's life; the last one is a verdict, and only another verdict changes it. */
const RANKS: Readonly<Record<DisputeStatus, number>> = {
  inquiry: 0,
  needs_response: 1,
  under_review: 2,
  won: 3,
  lost: 3,
  closed: 3,
};

/**
 * Decides the next step from what is known to what the provider shows; null when they agree. Pure: reports may come
 * twice and out of order, and an older one moves nothing back. One we first hear of when it is over is opened first.
 */
export function decideDispute(
  known: Pick<Dispute, 'status' | 'withdrawnAt' | 'reinstatedAt'> | null,
  report: DisputeReport,
): DisputeChange | null {
  const withdrawn = known?.withdrawnAt ? null : report.withdrawn;
  const reinstated = known?.reinstatedAt ? null : report.reinstated;
  if (!known) {
    const status = isOver(report.status) ? 'under_review' : report.status;
    return { status, event: 'dispute.opened', withdrawn, reinstated };
  }
  const status = isLater(known.status, report.status) ? report.status : known.status;
  if (status === known.status && !withdrawn && !reinstated) return null;
  const isVerdict = status !== known.status && isOver(status);
  return { status, event: isVerdict ? 'dispute.closed' : 'dispute.changed', withdrawn, reinstated };
}

function isOver(status: DisputeStatus): boolean {
  return RANKS[status] === RANKS.won;
}

function isLater(from: DisputeStatus, to: DisputeStatus): boolean {
  return RANKS[to] > RANKS[from] || (isOver(from) && isOver(to) && from !== to);
}
