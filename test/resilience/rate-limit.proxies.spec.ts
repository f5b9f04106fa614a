import { waitUntil } from '../support/wait.js';
import { PATIENT } from '../integration/cache.support.js';
import { type Answer, Door, emptyRedis } from '../integration/problem.support.js';

jest.setTimeout(120_000);

const LIMIT = 100;
const FORGERIES = 500;
const AT_ONCE = 20;
const WINDOW_MS = 60_000;
const LIMITED = { RATE_LIMIT_PER_MINUTE: String(LIMIT), ...PATIENT };
const NO_REDIS = { REDIS_URL: 'redis://127.0.0.1:1' };
const ROUTES = ['/v1/things', '/v1/things/mine', '/v1/things?limit=3', '/v1/nowhere', '/v1/things/17'];

const CLIENT = '203.0.113.7';
const INNER_PROXY = '10.0.0.2';

/** What arrives when each of so many proxies has appended whom it heard: the client's own words stand in front. */
function forwarded(forged: string, proxies: number, client = CLIENT): string {
  return [forged, client, ...Array<string>(proxies - 1).fill(INNER_PROXY)].join(', ');
}

const forgeries = Array.from({ length: FORGERIES }, (_, index) => `198.51.${index >> 8}.${index & 255}`);

let doors: Door[];

beforeEach(async () => {
  await emptyRedis();
  doors = [];
});

afterEach(() => Promise.all(doors.map((door) => door.close())));

async function twoServers(given: Record<string, string>): Promise<void> {
  for (let count = 0; count < 2; count += 1) doors.push(await Door.open({ ...LIMITED, ...given }));
  if (given.REDIS_URL) return;
  const ping = async () => (await Promise.all(doors.map(({ redis }) => redis.ping()))).length;
  await waitUntil(ping, { what: 'the connections to Redis' });
}

/** One request for each of these, over all servers and routes in turn, within one window. */
async function ask(forwardedFor: readonly string[]): Promise<Answer[]> {
  const startedAt = performance.now();
  const answers: Answer[] = [];
  for (let from = 0; from < forwardedFor.length; from += AT_ONCE) {
    const asked = forwardedFor.slice(from, from + AT_ONCE).map((value, offset) => {
      const [door, route] = [doors[offset % doors.length], ROUTES[(from + offset) % ROUTES.length]];
      return door!.ask('GET', route!, { headers: { 'x-forwarded-for': value } });
    });
    answers.push(...(await Promise.all(asked)));
  }
  expect(performance.now() - startedAt).toBeLessThan(WINDOW_MS);
  return answers;
}

const refusedOf = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 429);

function expectWholeRefusals(answers: readonly Answer[]): void {
  for (const { headers, body } of refusedOf(answers)) {
    expect(body.code).toBe('too-many-requests');
    const told = ['ratelimit-limit', 'ratelimit-remaining'].map((name) => headers.get(name));
    expect(told).toEqual([String(LIMIT), '0']);
    const wait = Number(headers.get('retry-after'));
    expect([wait > 0, wait <= 60, headers.get('ratelimit-reset')]).toEqual([true, true, String(wait)]);
  }
}

describe(`${FORGERIES} forged addresses, over two servers and ${ROUTES.length} routes`, () => {
  it.each([1, 2])(`are one client behind %i trusted proxies: ${LIMIT} a minute in all`, async (proxies) => {
    await twoServers({ TRUST_PROXY_HOPS: String(proxies) });
    const answers = await ask(forgeries.map((forged) => forwarded(forged, proxies)));

    expect(refusedOf(answers)).toHaveLength(FORGERIES - LIMIT);
    expectWholeRefusals(answers);
    const [neighbour] = await ask([forwarded(forgeries[0]!, proxies, '203.0.113.8')]);
    expect(neighbour?.status).toBe(200);
  });

  it('are five hundred clients when one proxy too many is trusted (control)', async () => {
    await twoServers({ TRUST_PROXY_HOPS: '2' });
    const answers = await ask(forgeries.map((forged) => forwarded(forged, 1)));
    expect(refusedOf(answers)).toEqual([]);
  });

  it('are held by each server alone while there is no Redis, and nobody hears of it', async () => {
    await twoServers({ TRUST_PROXY_HOPS: '1', ...NO_REDIS });
    const answers = await ask(forgeries.map((forged) => forwarded(forged, 1)));

    expect(refusedOf(answers)).toHaveLength(FORGERIES - 2 * LIMIT);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    expectWholeRefusals(answers);
  });
});

it('all addresses of an IPv6 network are one client, and its neighbour is another', async () => {
  await twoServers({ TRUST_PROXY_HOPS: '1' });
  const network = Array.from({ length: 2 * LIMIT }, (_, index) => `2001:db8:1:2:${index.toString(16)}::${index}`);
  const answers = await ask(network.map((client, index) => forwarded(forgeries[index]!, 1, client)));
  expect(refusedOf(answers)).toHaveLength(LIMIT);

  const [neighbour] = await ask([forwarded(forgeries[0]!, 1, '2001:db8:1:3::1')]);
  expect(neighbour?.status).toBe(200);
});
