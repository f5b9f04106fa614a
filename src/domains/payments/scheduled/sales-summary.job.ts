import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SalesTotal } from '../../../contracts/domain-events.js';
import type { JobEnd, ScheduledJob } from '../../../contracts/schedules.js';
import { firstIdAt, rowsOf } from '../../../platform/database/sql.js';
import { Events } from '../../../platform/events/events.js';

const HOUR_MS = 3_600_000;
const HOURS_A_DAY = 24;

// The ids only narrow the search, with an hour for clocks that differ; the booking's own time decides.
const BOOKED = `SELECT e.currency,
    count(*) FILTER (WHERE t.kind = 'capture' AND e.account = 'revenue:orders') AS payments,
    coalesce(-sum(e.amount) FILTER (WHERE e.account = 'revenue:orders'), 0)::bigint AS "capturedAmount",
    coalesce(sum(e.amount) FILTER (WHERE e.account = 'refunds'), 0)::bigint AS "refundedAmount"
  FROM ledger_entries AS e JOIN ledger_transactions AS t ON t.id = e.transaction_id
 WHERE e.account IN ('revenue:orders', 'refunds')
   AND e.id >= ${firstIdAt(`($1::timestamptz - interval '1 hour')`)}
   AND e.id < ${firstIdAt(`($2::timestamptz + interval '1 hour')`)}
   AND t.occurred_at >= $1 AND t.occurred_at < $2
 GROUP BY e.currency`;

/** Tells once a day what the day before (UTC) brought. */
@Injectable()
export class SalesSummary implements ScheduledJob {
  constructor(
    private readonly dataSource: DataSource,
    private readonly events: Events,
  ) {}

  async run(slot: Date): Promise<JobEnd> {
    const begin = slot.getTime() - HOURS_A_DAY * HOUR_MS;
    const day = new Date(begin).toISOString().slice(0, 10);
    const totals = await this.totalsFrom(begin);
    return {
      outcome: `${day}: ${totals.reduce((sum, { payments }) => sum + payments, 0)} payments`,
      effect: (tx) =>
        this.events.append(tx, {
          name: 'sales.summarised',
          stream: `sales-${day}`,
          version: 1,
          payload: { day, totals },
        }),
    };
  }

  /** Hour by hour, so that no statement grows with the shop. */
  private async totalsFrom(begin: number): Promise<SalesTotal[]> {
    const totals = new Map<string, SalesTotal>();
    for (let hour = 0; hour < HOURS_A_DAY; hour += 1) {
      const span = [begin + hour * HOUR_MS, begin + (hour + 1) * HOUR_MS].map((time) => new Date(time));
      for (const row of await rowsOf<SalesTotal>(this.dataSource, BOOKED, span)) {
        totals.set(row.currency, sumOf(totals.get(row.currency), row));
      }
    }
    return [...totals.values()].sort((one, other) => (one.currency < other.currency ? -1 : 1));
  }
}

function sumOf(known: SalesTotal | undefined, row: SalesTotal): SalesTotal {
  if (!known) return row;
  return {
    currency: row.currency,
    payments: known.payments + row.payments,
    capturedAmount: known.capturedAmount + row.capturedAmount,
    refundedAmount: known.refundedAmount + row.refundedAmount,
  };
}
