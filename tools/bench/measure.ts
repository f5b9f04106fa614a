import { fire, type Measured } from './load.js';
import { median, quantile } from './numbers.js';
import type { RequestsOf } from './requests.js';
import type { Effort } from './setting.js';
import type { Contestants } from './shop.js';

/** As many customers as make both sides busy; of payers fewer, as each request takes longer. */
const CONNECTIONS = 32;
const PAYERS = 8;

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Of one route on both sides. `ratio` is the median over the rounds, each of which compares neighbours in time. */
export interface Comparison {
  readonly rawPerSecond: number;
  readonly perSecond: number;
  readonly ratio: number;
  readonly rounds: readonly { raw: number; ours: number }[];
  /** Milliseconds, of the web server under full load. */
  readonly latency: Percentiles;
}

type Sides = Pick<Contestants, 'rawUrl' | 'webUrl'>;

/** Interleaves rounds of both sides; who begins takes turns. */
export async function compare(sides: Sides, requestsOf: RequestsOf, effort: Effort): Promise<Comparison> {
  const on = (url: string, seconds: number) => fire({ url, connections: CONNECTIONS, seconds, requestsOf });
  for (const url of [sides.rawUrl, sides.webUrl]) await on(url, effort.warmUpSeconds);
  const rounds: { raw: Measured; ours: Measured }[] = [];
  for (let round = 0; round < effort.rounds; round++) {
    const isRawFirst = round % 2 === 0;
    const first = await on(isRawFirst ? sides.rawUrl : sides.webUrl, effort.seconds);
    const second = await on(isRawFirst ? sides.webUrl : sides.rawUrl, effort.seconds);
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
export async function payingSpeed(webUrl: string, requestsOf: RequestsOf, effort: Effort) {
  const pay = (seconds: number) => fire({ url: webUrl, connections: PAYERS, seconds, requestsOf });
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

function percentilesOf(latencies: readonly number[]): Percentiles {
  const at = (q: number) => Math.round(quantile(latencies, q) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
