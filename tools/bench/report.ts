import type { Machine } from './machine.js';
import type { Comparison, Percentiles, payingSpeed } from './measure.js';

const MEBIBYTE = 2 ** 20;
const WIDTHS = [28, 12, 12, 10, 10, 8];

export interface Results {
  readonly effort: string;
  readonly machine: Machine;
  readonly read: Comparison;
  readonly place: Comparison;
  readonly purchase: Awaited<ReturnType<typeof payingSpeed>>;
  readonly statementsPerPurchase: number;
  readonly residentBytesMax: number;
}

export interface Verdict {
  readonly name: string;
  readonly raw?: number;
  readonly ours: number;
  readonly ratio?: number;
  /** As a reader wants it: `≥ 0.60`. */
  readonly target: string;
  readonly isReached: boolean;
}

export function verdictsOf(results: Results): Verdict[] {
  const { read, place, statementsPerPurchase, residentBytesMax } = results;
  const memory = Math.round(residentBytesMax / MEBIBYTE);
  return [
    ratioVerdict('GET /v1/orders/:id', read, 0.6),
    ratioVerdict('POST /v1/orders', place, 0.5),
    atMost('place + pay, SQL statements', statementsPerPurchase, {
      limit: 12,
      sign: '≤',
      isReached: statementsPerPurchase <= 12,
    }),
    atMost('web memory under load, MiB', memory, { limit: 250, sign: '<', isReached: memory < 250 }),
  ];
}

function ratioVerdict(name: string, { rawPerSecond: raw, perSecond: ours, ratio }: Comparison, least: number): Verdict {
  return { name, raw, ours, ratio, target: `≥ ${least.toFixed(2)}`, isReached: ratio >= least };
}

function atMost(
  name: string,
  ours: number,
  { limit, sign, isReached }: { limit: number; sign: string; isReached: boolean },
): Verdict {
  return { name, ours, target: `${sign} ${limit}`, isReached };
}

/** The table, what it stands for, and on what it was measured. */
export function render(results: Results, verdicts: readonly Verdict[]): string {
  const { machine, read, place, purchase, effort } = results;
  const header = ['', 'raw req/s', 'ours req/s', 'ratio', 'target', 'reached'];
  const rows = verdicts.map(({ name, raw, ours, ratio, target, isReached }) => [
    name,
    raw === undefined ? '' : whole(raw),
    whole(ours),
    ratio?.toFixed(2) ?? '',
    target,
    isReached ? 'yes' : 'NO',
  ]);
  return [
    '',
    ...[header, ...rows].map(line),
    '',
    `place + pay, ${purchase.clients} customers: ${whole(purchase.perSecond)} paid orders a second`,
    'milliseconds at full load (p50 / p95 / p99):',
    `  read ${percentiles(read.latency)} · place ${percentiles(place.latency)} · place or pay ${percentiles(purchase.latency)}`,
    '',
    'raw: Express 5 and node-postgres with the same prepared SQL, without login, limits, validation and log.',
    `ours: the built web server with all of them. ${effort}; the ratio is the median of the rounds'.`,
    `${machine.processor}, ${machine.cores} cores for everything, ${machine.memoryGiB} GiB, ${machine.system}; load before: ${machine.loadBefore}`,
    `Node ${machine.node} on both sides, PostgreSQL ${machine.postgres} (fsync ${machine.fsync})`,
  ].join('\n');
}

function line(cells: readonly string[]): string {
  const [name = '', ...numbers] = cells;
  return [name.padEnd(WIDTHS[0] ?? 0), ...numbers.map((cell, index) => cell.padStart(WIDTHS[index + 1] ?? 0))].join('');
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function percentiles({ p50, p95, p99 }: Percentiles): string {
  return `${p50} / ${p95} / ${p99}`;
}
