import { CardPayment } from '../../src/domains/payments/strategies/card.payment.js';
import type { KnownPayment } from '../../src/domains/payments/payment.entity.js';
import { stripeProvider } from '../../src/domains/payments/strategies/stripe.client.js';
import { testConfig } from '../support/config.js';
import { Alarms } from '../../src/platform/telemetry/alarms.js';
import { Log } from '../../src/platform/telemetry/log.js';
import { NEVER_OPENS, guardsOf } from '../support/provider-guards.js';
import { waitUntil } from '../support/wait.js';
import { LocalProvider } from './provider-guard.support.js';

jest.setTimeout(60_000);

const FAILURES_TO_OPEN = 4;
const REST_MS = 400;
const NOT_CALLED = 'provider-unavailable';

let provider: LocalProvider;
beforeEach(async () => {
  provider = await LocalProvider.start();
});
afterEach(() => provider.close());

/** The card strategy and its guard, over Stripe's own SDK. */
function shopOf(settings: Readonly<Record<string, string>> = {}) {
  const config = testConfig({
    APP_ENV: 'test',
    LOG_LEVEL: 'CRITICAL',
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    REDIS_URL: 'redis://127.0.0.1:1',
    STRIPE_API_URL: provider.url,
    STRIPE_TIMEOUT_MS: '300',
    PROVIDER_FAILURES_TO_OPEN: String(FAILURES_TO_OPEN),
    PROVIDER_REST_MS: String(REST_MS),
    ...settings,
  });
  const raised: string[] = [];
  const alarms = new (class extends Alarms {
    override raise(code: string): void {
      raised.push(code);
    }
  })(new Log(config));
  const guards = guardsOf(config, alarms);
  const cards = new CardPayment(stripeProvider.useFactory(config, guards));
  /** How a question about one payment ends: a status, or why there is none. */
  const ask = async () => {
    const report = await cards.retrieve({ providerPaymentId: 'pi_1' } as KnownPayment);
    return report.status === 'unknown' ? report.reason.code : report.status;
  };
  const askUntilNotCalled = () => waitUntil(async () => (await ask()) === NOT_CALLED, { what: 'the circuit to open' });
  return { ask, askUntilNotCalled, raised, guard: guards.for('stripe'), metrics: () => guards.metrics() };
}

const refusedConnections = () => provider.goAway();
const silence = () => provider.becomes(() => undefined);
const serverErrors = () => provider.becomes((_request, reply) => reply.writeHead(500).end('{}'));

describe.each<[string, () => unknown]>([
  ['refuses connections', refusedConnections],
  ['hangs', silence],
  ['answers 500', serverErrors],
])('a provider that %s', (_how, goWrong) => {
  it('is left alone after some calls in a row, with one alarm, and called again once it answers', async () => {
    const shop = shopOf();
    expect(await shop.ask()).toBe('succeeded');
    await goWrong();
    await shop.askUntilNotCalled();
    expect([shop.raised, shop.guard.isAnswering]).toEqual([['provider-down'], false]);
    // One try at the end of each rest, which fails: no news.
    await waitUntil(async () => (await shop.ask()) !== NOT_CALLED, { what: 'a try' });
    expect(shop.raised).toEqual(['provider-down']);

    await provider.recover();

    await waitUntil(async () => (await shop.ask()) === 'succeeded', { what: 'the provider to be asked again' });
    expect([shop.raised, shop.guard.isAnswering]).toEqual([['provider-down'], true]);
    expect(await Promise.all(Array.from({ length: 5 }, shop.ask))).toEqual(Array(5).fill('succeeded'));
  });

  it('is called every time without the guard (control)', async () => {
    const shop = shopOf(NEVER_OPENS);
    await goWrong();
    const ends = await Promise.all(Array.from({ length: 3 * FAILURES_TO_OPEN }, shop.ask));
    expect([ends.includes(NOT_CALLED), shop.raised, shop.guard.isAnswering]).toEqual([false, [], true]);
  });
});

it('makes no call at all while it rests', async () => {
  const shop = shopOf({ PROVIDER_REST_MS: '60000' });
  serverErrors();
  await shop.askUntilNotCalled();
  const heard = provider.requests;

  const ends = await Promise.all(Array.from({ length: 20 }, shop.ask));

  expect(ends).toEqual(Array(20).fill(NOT_CALLED));
  expect(provider.requests).toBe(heard);
  const value = (name: string) => shop.metrics().find((metric) => metric.name === name)?.samples[0]?.value;
  expect(value('purser_provider_up')).toBe(0);
  expect(value('purser_provider_calls_not_made_total')).toBeGreaterThanOrEqual(20);
});

it('lets one call try, and keeps nobody else waiting for its end', async () => {
  const shop = shopOf({ STRIPE_TIMEOUT_MS: '20000' });
  serverErrors();
  await shop.askUntilNotCalled();
  const held = provider.holds();
  const trial = waitUntil(async () => (await shop.ask()) === 'succeeded', { what: 'the try' });
  await waitUntil(() => held.length === 1, { what: 'the try to be made' });

  expect(await Promise.all(Array.from({ length: 10 }, shop.ask))).toEqual(Array(10).fill(NOT_CALLED));
  expect(held).toHaveLength(1);

  provider.answers();
  for (const answer of held) answer();
  await trial;
  expect(shop.guard.isAnswering).toBe(true);
});

it.each<[string, number, object]>([
  ['card errors', 402, { error: { type: 'card_error', code: 'card_declined', message: 'no' } }],
  ['refused requests', 400, { error: { type: 'invalid_request_error', message: 'no' } }],
  ['refused keys', 401, { error: { type: 'invalid_request_error', message: 'no' } }],
  ['limits', 429, { error: { type: 'rate_limit_error', message: 'no' } }],
])('takes %s for answers, however many', async (_what, status, body) => {
  const shop = shopOf();
  provider.becomes((_request, reply) => reply.writeHead(status).end(JSON.stringify(body)));
  const ends = await Promise.all(Array.from({ length: 3 * FAILURES_TO_OPEN }, shop.ask));
  expect([ends.includes(NOT_CALLED), shop.raised]).toEqual([false, []]);
});

it('takes a 500 repeated from memory for an answer: it is about its key, and not about now', async () => {
  const shop = shopOf();
  const memory = { 'idempotent-replayed': 'true', 'stripe-should-retry': 'false' };
  provider.becomes((_request, reply) => reply.writeHead(500, memory).end('{}'));
  const ends = await Promise.all(Array.from({ length: 3 * FAILURES_TO_OPEN }, shop.ask));
  expect([ends.includes(NOT_CALLED), shop.raised]).toEqual([false, []]);
});

it('lets so many calls wait for a slow provider, and so many for those; what is beyond is not made', async () => {
  const shop = shopOf({ PROVIDER_CALLS_MAX: '2', PROVIDER_QUEUE_MAX: '1', STRIPE_TIMEOUT_MS: '20000' });
  const held = provider.holds();
  const ends: string[] = [];
  const calls = Array.from({ length: 5 }, async () => void ends.push(await shop.ask()));
  await waitUntil(() => held.length === 2 && ends.length === 2, { what: 'two calls, and two refusals' });
  expect(ends).toEqual([NOT_CALLED, NOT_CALLED]);

  provider.answers();
  for (const answer of held) answer();
  await Promise.all(calls);

  expect(ends).toEqual([NOT_CALLED, NOT_CALLED, 'succeeded', 'succeeded', 'succeeded']);
  expect(provider.requests).toBe(3);
  expect(shop.raised).toEqual([]);
});
