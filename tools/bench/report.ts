import type { Machine } from './machine.js';
import type { Comparison, Percentiles } from './measure.js';
import type { Long, Measured } from './scenes.js';

const MEBIBYTE = 2 ** 20;
const WIDTHS = [44, 11, 11, 9, 10, 8];

export type Results = Measured & { readonly machine: Machine };

export interface Verdict {
  readonly name: string;
  readonly raw?: number;
  readonly ours: number;
  readonly ratio?: number;
  /** As a reader wants it: `≥ 0.80`. */
  readonly target: string;
  readonly isReached: boolean;
}

export function verdictsOf(results: Results): Verdict[] {
  const { read, list, place, statements } = results;
  return [
    atLeast('GET /v1/orders/:id', read, 0.8),
    atLeast('GET /v1/orders, a page of 20', list, 0.8),
    atLeast('POST /v1/orders, 3 items', place, 0.7),
    atMost('place + pay, SQL statements', statements.placeAndPay, 12),
    atMost('whole purchase, SQL statements', statements.wholePurchase, 40),
    ...longVerdicts(results),
  ];
}

function longVerdicts({ catalogue, steady, memory, growth }: Partial<Long>): Verdict[] {
  if (!catalogue || !steady || !memory || !growth) return [];
  const rate = `${steady.perSecond} requests/s for ${steady.seconds} s`;
  return [
    atLeast('catalogue page of 50, cached : uncached', catalogue, 2),
    atMost(`${rate}, p95 ms`, steady.p95, 50),
    atMost(`${rate}, failures`, steady.failures, 0),
    atMost('web memory meanwhile, MiB', Math.round(memory.highestBytes / MEBIBYTE), 250),
    atMost('memory, last minute above second, %', round1(memory.growth * 100), 5),
    {
      name: `GET of the newest, ${count(growth.fewRows)} : ${count(growth.manyRows)} orders, p95 ms`,
      raw: growth.fewP95,
      ours: growth.manyP95,
      ratio: growth.manyP95 / growth.fewP95,
      target: '≤ 1.20',
      isReached: growth.manyP95 / growth.fewP95 <= 1.2,
    },
  ];
}

function atLeast(name: string, { rawPerSecond: raw, perSecond: ours, ratio }: Comparison, least: number): Verdict {
  return { name, raw, ours, ratio, target: `≥ ${least.toFixed(2)}`, isReached: ratio >= least };
}

function atMost(name: string, ours: number, most: number): Verdict {
  return { name, ours, target: `≤ ${most}`, isReached: ours <= most };
}

/** The table, what it stands for, and on what it was measured. */
export function render(results: Results, verdicts: readonly Verdict[]): string {
  const { machine, purchase, receipt, effort } = results;
  const header = ['', 'reference', 'ours', 'ratio', 'target', 'reached'];
  const rows = verdicts.map(({ name, raw, ours, ratio, target, isReached }) => [
    name,
    raw === undefined ? '' : figure(raw),
    figure(ours),
    ratio?.toFixed(2) ?? '',
    target,
    isReached ? 'yes' : 'NO',
  ]);
  return [
    '',
    ...[header, ...rows].map(line),
    '',
    `place + pay, ${purchase.clients} customers, webhooks and letters meanwhile: ${count(purchase.perSecond)} paid orders a second`,
    `from the order to the row of its receipt, ms (p50 / p95 / p99): ${percentiles(receipt)}, ${count(receipt.purchases)} purchases`,
    latencies(results),
    '',
    'reference: Express 5 and node-postgres with the same prepared SQL, without login, limits, validation and log; rows say',
    `where it is something else. Numbers are requests a second unless said. ${effort}; a ratio is the median of the rounds'.`,
    `${machine.processor}, ${machine.cores} cores for everything, ${machine.memoryGiB} GiB, ${machine.system}; load before: ${machine.loadBefore}`,
    `Node ${machine.node} on both sides, PostgreSQL ${machine.postgres} (fsync ${machine.fsync})`,
  ].join('\n');
}

function latencies({ read, list, place, purchase, steady }: Results): string {
  const full = { read, list, place, 'place or pay': purchase };
  const texts = Object.entries(full).map(([name, { latency }]) => `${name} ${percentiles(latency)}`);
  const constant = steady ? `\n${steady.perSecond} requests/s, ms: ${percentiles(steady)}` : '';
  return `at full load, ms: ${texts.join(' · ')}${constant}`;
}

function line(cells: readonly string[]): string {
  const [name = '', ...numbers] = cells;
  return [name.padEnd(WIDTHS[0] ?? 0), ...numbers.map((cell, index) => cell.padStart(WIDTHS[index + 1] ?? 0))].join('');
}

function figure(value: number): string {
  return value >= 100 || Number.isInteger(value) ? count(value) : round1(value).toString();
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function percentiles({ p50, p95, p99 }: Percentiles): string {
  return `${p50} / ${p95} / ${p99}`;
}
