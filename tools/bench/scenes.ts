import { fill, type Fixture } from './fixture.js';
import { type Growth, measureGrowth } from './growth.js';
import { type Comparison, compare, payingSpeed, percentilesOf, type Percentiles } from './measure.js';
import { watchMemory } from './memory.js';
import type { Options } from './options.js';
import { databaseTime, receiptLags } from './receipts.js';
import {
  catalogue,
  headersOf,
  type Headers,
  lists,
  mixture,
  placements,
  purchases,
  reads,
  uncachedCatalogue,
  type RequestsOf,
} from './requests.js';
import { FULL, QUICK, type Effort, type Setting } from './setting.js';
import { type Contestants, logIn } from './shop.js';
import { countStatements } from './statements.js';
import { steadily } from './steady.js';

const STEADY_PER_SECOND = 1_000;
const STEADY_SECONDS = 300;

/** Against the raw reference, on the same rows. */
export interface Core {
  readonly effort: string;
  readonly statements: Awaited<ReturnType<typeof countStatements>>;
  readonly read: Comparison;
  readonly list: Comparison;
  readonly place: Comparison;
  readonly purchase: Awaited<ReturnType<typeof payingSpeed>>;
  readonly receipt: Awaited<ReturnType<typeof receiptLags>>;
}

/** What takes minutes. */
export interface Long {
  readonly catalogue: Comparison;
  readonly steady: Percentiles & { perSecond: number; seconds: number; requests: number; failures: number };
  readonly memory: { highestBytes: number; growth: number };
  readonly growth: Growth;
}

export type Measured = Core & Partial<Long>;

interface Scene {
  readonly setting: Setting;
  readonly contestants: Contestants;
  readonly fixture: Fixture;
  /** An access token lives for less long than all of this takes. */
  readonly signIn: () => Promise<Headers>;
  readonly effort: Effort;
}

export async function measureAll(setting: Setting, contestants: Contestants, options: Options): Promise<Measured> {
  const fixture = await fill(setting);
  const signIn = async () => headersOf(fixture.userId, await logIn(contestants.webUrl, setting.login));
  const scene = { setting, contestants, fixture, signIn, effort: options.isQuick ? QUICK : FULL };
  const core = await measureCore(scene);
  return options.isQuick ? core : { ...core, ...(await measureLong(scene, options.rows)) };
}

async function measureCore({ setting, contestants, fixture, signIn, effort }: Scene): Promise<Core> {
  const { webUrl: url, rawUrl } = contestants;
  const headers = await signIn();
  const both = (requestsOf: RequestsOf) => ({ raw: { url: rawUrl, requestsOf }, ours: { url, requestsOf } });
  const statements = await countStatements(setting, { contestants, fixture, headers });
  say('Reading orders …');
  const read = await compare(both(reads(fixture, headers)), effort);
  say('Listing orders …');
  const list = await compare(both(lists(headers)), effort);
  say('Placing orders …');
  const place = await compare(both(placements(fixture, headers)), effort);
  say('Placing and paying, until the receipts …');
  const worker = await contestants.startWorker();
  const since = await databaseTime(setting);
  const purchase = await payingSpeed({ url, requestsOf: purchases(fixture, headers) }, effort);
  const receipt = await receiptLags(setting, since);
  await worker.stop();
  const rounds = `${effort.rounds} interleaved rounds of ${effort.seconds} s each`;
  return { effort: rounds, statements, read, list, place, purchase, receipt };
}

async function measureLong({ setting, contestants, fixture, signIn, effort }: Scene, rows: number): Promise<Long> {
  const { webUrl: url, web } = contestants;
  const headers = await signIn();
  say('The catalogue, from the cache and past it …');
  const sides = {
    raw: { url, requestsOf: uncachedCatalogue(headers) },
    ours: { url, requestsOf: catalogue(headers) },
  };
  const cached = await compare(sides, effort);
  say(`${STEADY_PER_SECOND} requests a second for ${STEADY_SECONDS} s …`);
  const memory = watchMemory(web);
  const load = { url, perSecond: STEADY_PER_SECOND, seconds: STEADY_SECONDS, next: mixture(fixture, headers) };
  const { latencies, failures } = await steadily(load);
  memory.end();
  say(`10,000 orders and ${rows.toLocaleString('en')} …`);
  const growth = await measureGrowth(setting, { webUrl: url, fixture, signIn }, rows);
  return {
    catalogue: cached,
    steady: {
      ...percentilesOf(latencies),
      perSecond: STEADY_PER_SECOND,
      seconds: STEADY_SECONDS,
      requests: latencies.length,
      failures: failures.length,
    },
    memory: { highestBytes: memory.highest(), growth: memory.growth() },
    growth,
  };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
