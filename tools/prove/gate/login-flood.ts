import path from 'node:path';
import { Piscina } from 'piscina';
import { percentile } from '../../../test/support/figures.js';
import type { Look, Looks } from './onlooker.thread.js';
import { forwarded, logIn, type Scene } from './scene.js';

const LOGINS = 200;
/** Each follows on a peace of its own, and the median of all ratios counts: one look of the machine elsewhere is no wait. */
const FLOODS = 5;
const LOOKS_IN_PEACE = 600;
const LOOKS_MAX = 6_000;
/** Others may wait this many times as long as in peace. */
const OTHERS_MAX = 2;
const LIVE_P99_MS = 200;

/** In milliseconds. */
interface Waits {
  readonly others: readonly number[];
  readonly live: readonly number[];
}

/** 200 who log in at once, over both servers, and what somebody else notices of them. */
export async function floodLogins(scene: Scene): Promise<void> {
  const { stage } = scene;
  // A thread of its own, as another client would be: who sends the flood is too busy to time anything.
  const onlooker = new Piscina({
    filename: path.join(import.meta.dirname, 'onlooker.thread.js'),
    maxThreads: 1,
  });
  const ratios: number[] = [];
  try {
    for (let count = 0; count < FLOODS; count += 1) ratios.push(await flood(scene, onlooker));
  } finally {
    await onlooker.destroy();
  }
  const ratio = percentile(ratios, 0.5);
  stage.note('p95 of others in the flood, % of their p95 in peace', ratio * 100);
  const all = ratios.map((each) => each.toFixed(2)).join(', ');
  stage.expect('others had to wait', ratio < OTHERS_MAX, `${ratio.toFixed(2)} times as long: ${all}`);
}

async function flood(scene: Scene, onlooker: Piscina): Promise<number> {
  const { stage, addresses } = scene;
  const peace = await watched(scene, onlooker, { looks: LOOKS_IN_PEACE });
  const enough = new Int32Array(new SharedArrayBuffer(4));
  const watching = watched(scene, onlooker, { looks: LOOKS_MAX, enough });
  const replies = await Promise.all(
    Array.from({ length: LOGINS }, (_, web) => {
      const client = addresses.next();
      return logIn(scene, { email: `flood-${client}@purser.test`, client, web });
    }),
  ).finally(() => Atomics.store(enough, 0, 1));
  const waits = await watching;

  const away = replies.filter(({ status }) => status === 503);
  const told = away.filter(({ headers }) => headers.has('retry-after'));
  const others = replies.filter(({ status }) => status !== 503 && status !== 401);
  stage.reached('logins at once', replies.length);
  stage.note('logins turned away', away.length);
  stage.expect('nobody was turned away', away.length > 0, `${replies.length} were kept waiting`);
  stage.expect('turned away without Retry-After', told.length === away.length, 'a login');
  stage.expect('an answer that is none', others.length === 0, String(others[0]?.status));

  const [before, during] = [percentile(peace.others, 0.95), percentile(waits.others, 0.95)];
  const live = percentile(waits.live, 0.99);
  stage.note('p95 of others in peace, ms', before);
  stage.note('p95 of others in the flood, ms', during);
  stage.note('p99 of /health/live in the flood, ms', live);
  stage.expect('probes had to wait', live <= LIVE_P99_MS, `${live.toFixed(0)} ms`);
  return during / before;
}

/** Looks at the catalogue and at the probe in turn. */
async function watched(
  { shop, addresses }: Scene,
  onlooker: Piscina,
  { looks: count, enough = new Int32Array(1) }: { looks: number; enough?: Int32Array },
): Promise<Waits> {
  const paths = ['/v1/products', '/health/live'];
  const looks = Array.from({ length: count }, (_, index): Look => {
    const url = `${shop.webs[0]}${paths[index % paths.length]}`;
    return { url, headers: forwarded(addresses.next()) };
  });
  const times = (await onlooker.run({ looks, enough } satisfies Looks)) as number[];
  return { others: times.filter((_, index) => index % 2 === 0), live: times.filter((_, index) => index % 2 === 1) };
}
