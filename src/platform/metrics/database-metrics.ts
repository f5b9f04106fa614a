import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EventName } from '../../contracts/domain-events.js';
import { CONFIG, type Config } from '../config/config.js';
import { rowOf, rowsOf } from '../database/sql.js';
import { Log } from '../telemetry/log.js';
import { type Metric, type MetricSource, single } from '../telemetry/metric-text.js';
import { EventTotalsRepository, type EventTotal } from './event-totals.repository.js';

interface Waiting {
  readonly subscriber: string;
  readonly open: number;
  readonly parked: number;
}

const WAITING = `SELECT subscriber, count(*) FILTER (WHERE dead_at IS NULL) AS open,
    count(*) FILTER (WHERE dead_at IS NOT NULL) AS parked
  FROM event_deliveries GROUP BY subscriber ORDER BY subscriber`;

// Ids are in the order of time, so the first one of the primary key is the oldest.
const OLDEST = `SELECT extract(epoch FROM clock_timestamp() - e.occurred_at)::float8 AS seconds
  FROM (SELECT event_id FROM event_deliveries WHERE dead_at IS NULL ORDER BY event_id LIMIT 1) AS d
  JOIN events AS e ON e.id = d.event_id`;

const HAPPENED = {
  purser_signups_total: { name: 'user.registered', help: 'Accounts opened.' },
  purser_orders_placed_total: { name: 'order.placed', help: 'Orders placed.' },
  purser_orders_completed_total: { name: 'order.completed', help: 'Orders paid in full.' },
} as const satisfies Record<string, { name: EventName; help: string }>;

const CAPTURED: readonly EventName[] = ['payment.succeeded', 'payment.late-succeeded'];

/**
 * What only the database knows, the same whichever process is asked: committed facts, so a restart forgets nothing.
 * Asked once in METRICS_CACHE_MS, however many ask. While the database is down the process has its own numbers to tell.
 */
@Injectable()
export class DatabaseMetrics implements MetricSource {
  private kept: { readonly until: number; readonly metrics: Promise<Metric[]> } | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly totals: EventTotalsRepository,
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: Log,
  ) {}

  metrics(): Promise<Metric[]> {
    if (!this.kept || this.kept.until <= performance.now()) {
      this.kept = { until: performance.now() + this.config.METRICS_CACHE_MS, metrics: this.ask() };
    }
    return this.kept.metrics;
  }

  private async ask(): Promise<Metric[]> {
    const help = 'Whether PostgreSQL answered; while it does not, the metrics below are missing.';
    const up = (value: 0 | 1): Metric => single('gauge', 'purser_database_up', { help, value });
    try {
      // One after the other: a scrape takes one connection from the requests and no more.
      const waiting = await rowsOf<Waiting>(this.dataSource, WAITING);
      const oldest = await rowOf<{ seconds: number }>(this.dataSource, OLDEST);
      return [up(1), ...queueOf(waiting, oldest?.seconds ?? 0), ...businessOf(await this.totals.read())];
    } catch (error) {
      this.log.warn({ message: 'metrics without the database', error });
      return [up(0)];
    }
  }
}

function queueOf(waiting: readonly Waiting[], oldestSeconds: number): Metric[] {
  const by = (state: 'open' | 'parked') =>
    waiting.map(({ subscriber, [state]: value }) => ({ labels: { subscriber }, value }));
  return [
    { name: 'purser_deliveries_open', type: 'gauge', help: 'Work still to do.', samples: by('open') },
    { name: 'purser_deliveries_parked', type: 'gauge', help: 'Work nothing tries again.', samples: by('parked') },
    single('gauge', 'purser_deliveries_oldest_age_seconds', {
      help: 'Age of the oldest open work; 0 without any.',
      value: Math.max(0, oldestSeconds),
    }),
  ];
}

function businessOf(totals: readonly EventTotal[]): Metric[] {
  const counted = Object.entries(HAPPENED).map(([metric, { name, help }]) => {
    const value = totals.filter((total) => total.name === name).reduce((sum, { events }) => sum + events, 0);
    return single('counter', metric, { help, value });
  });
  const revenue = new Map<string, number>();
  for (const { name, currency, amount } of totals) {
    if (CAPTURED.includes(name)) revenue.set(currency, (revenue.get(currency) ?? 0) + amount);
  }
  const samples = [...revenue].map(([currency, value]) => ({ labels: { currency }, value }));
  const help = 'Captured, in minor units of the currency; refunds are not taken off.';
  return [...counted, { name: 'purser_revenue_minor_units_total', type: 'counter', help, samples }];
}
