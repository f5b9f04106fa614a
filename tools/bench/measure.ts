import { fire, type Measured } from './load.js';
import { median, quantile } from './numbers.js';
import type { RequestsOf } from './requests.js';
import type { Effort } from './setting.js';

/** As many customers as make both sides busy; of payers fewer, as each request takes longer. */
const CONNECTIONS = 32;
const PAYERS = 8;

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** One of two that are compared: where it listens, and what it is asked. */
export interface Side {
  readonly url: string;
  readonly requestsOf: RequestsOf;
}

/** Of one work on both sides. `ratio` is the median over the rounds, each of which compares neighbours in time. */
export interface Comparison {
  readonly rawPerSecond: number;
  readonly perSecond: number;
  readonly ratio: number;
  readonly rounds: readonly { raw: number; ours: number }[];
  /** Milliseconds, of our side under full load. */
  readonly latency: Percentiles;
}

/** Interleaves rounds of both sides; who begins takes turns. */
export async function compare(sides: { raw: Side; ours: Side }, effort: Effort): Promise<Comparison> {
  const on = (side: Side, seconds: number) => fire({ ...side, connections: CONNECTIONS, seconds });
  for (const side of [sides.raw, sides.ours]) await on(side, effort.warmUpSeconds);
  const rounds: { raw: Measured; ours: Measured }[] = [];
  for (let round = 0; round < effort.rounds; round++) {
    const isRawFirst = round % 2 === 0;
    const first = await on(isRawFirst ? sides.raw : sides.ours, effort.seconds);
    const second = await on(isRawFirst ? sides.ours : sides.raw, effort.seconds);
    rounds.push(isRawFirst ? { raw: first, ours: second } : { raw: second, ours: first });
  }
  const speeds = rounds.map(({ raw, ours }) => ({ raw: raw.perSecond, ours: ours.perSecond }));
  return {
    rawPerSecond: median(speeds.map(({ raw }) => raw)),
    perSecond: median(speeds.map(({ ours }) => ours)),
    ratio: median(speeds.map(({ raw, ours }) => ours / raw)),
    rounds: speeds,
    latency: percentilesOf(rounds.flatMap(({ ours }) => ours.latencies)),
  };
}

/** Orders placed and paid per second, by customers who do one after the other. */
export async function payingSpeed({ url, requestsOf }: Side, effort: Effort) {
  const pay = (seconds: number) => fire({ url, connections: PAYERS, seconds, requestsOf });
  await pay(effort.warmUpSeconds);
  const rounds: Measured[] = [];
  for (let round = 0; round < effort.rounds; round++) rounds.push(await pay(effort.seconds));
  return {
    clients: PAYERS,
    // Every purchase is two requests.
    perSecond: median(rounds.map(({ perSecond }) => perSecond / 2)),
    latency: percentilesOf(rounds.flatMap(({ latencies }) => latencies)),
  };
}

export function percentilesOf(latencies: readonly number[]): Percentiles {
  const at = (q: number) => Math.round(quantile(latencies, q) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
