import { type Fixture, grow } from './fixture.js';
import { percentilesOf } from './measure.js';
import type { Headers } from './requests.js';
import type { Setting } from './setting.js';
import { steadily } from './steady.js';

const FEW_ROWS = 10_000;
const PER_SECOND = 300;
const WARM_UP_SECONDS = 5;
const SECONDS = 15;

export interface Growth {
  readonly fewRows: number;
  readonly manyRows: number;
  /** Milliseconds, p95 of reading one of the newest 5 % at a constant rate far from the limit. */
  readonly fewP95: number;
  readonly manyP95: number;
}

/** Reads the newest orders of a small table and of a large one. The one is measured before the other is made. */
export async function measureGrowth(
  setting: Setting,
  shop: { webUrl: string; fixture: Fixture; signIn: () => Promise<Headers> },
  manyRows: number,
): Promise<Growth> {
  const p95Of = async (ids: readonly string[]) => {
    const headers = await shop.signIn();
    const read = (seconds: number) => {
      let count = 0;
      const next = () => ({ path: `/v1/orders/${ids[count++ % ids.length]}`, headers });
      return steadily({ url: shop.webUrl, perSecond: PER_SECOND, seconds, next });
    };
    await read(WARM_UP_SECONDS);
    const { latencies, failures } = await read(SECONDS);
    if (failures[0]) throw new Error(`a read failed: ${failures[0]}`);
    return percentilesOf(latencies).p95;
  };
  const { fixture } = shop;
  const fewP95 = await p95Of(await grow(setting, fixture, { from: 1, rows: FEW_ROWS }));
  const manyP95 = await p95Of(await grow(setting, fixture, { from: FEW_ROWS + 1, rows: manyRows }));
  return { fewRows: FEW_ROWS, manyRows, fewP95, manyP95 };
}
