import { Listener, Rig, SECRET, aPayment, until } from './sandbox.fixture.js';

const PAID = ['charge.succeeded', 'payment_intent.created', 'payment_intent.succeeded'];

describe('the sandbox, telling the shop', () => {
  let rig: Rig;
  let listener: Listener;

  beforeEach(async () => {
    listener = await Listener.start();
    rig = await Rig.start(listener.url);
  });
  afterEach(async () => {
    await rig.close();
    await listener.close();
  });

  const pay = (payment_method = 'pm_card_visa') =>
    rig
      .stripe()
      .paymentIntents.create(aPayment({ payment_method }))
      .catch((error: unknown) => error);
  const heard = async (count: number) =>
    until(
      () => listener.heard,
      ({ length }) => length >= count,
    );
  const settings = (changes: Record<string, unknown>) => rig.door('PUT', '/_sandbox/webhooks', changes);

  it('signs each event so that the SDK believes it, and nobody else can', async () => {
    await pay();
    const { webhooks } = rig.stripe();
    for (const { body, signature, event } of await heard(3)) {
      expect(webhooks.constructEvent(body, signature, SECRET)).toEqual(event);
      expect(() => webhooks.constructEvent(`${body} `, signature, SECRET)).toThrow('No signatures found');
      expect(() => webhooks.constructEvent(body, signature, 'whsec_other')).toThrow('No signatures found');
    }
    expect([...listener.types].sort()).toEqual(PAID);
    expect(listener.heard.map(({ event }) => event.request?.id)).toEqual(Array(3).fill(expect.stringMatching(/^req_/)));
  });

  it.each([
    ['pm_card_chargeDeclined', ['charge.failed', 'payment_intent.created', 'payment_intent.payment_failed']],
    ['pm_card_authenticationRequired', ['payment_intent.created', 'payment_intent.requires_action']],
    ['pm_card_createDispute', ['charge.dispute.created', 'charge.dispute.funds_withdrawn', ...PAID]],
  ])('tells of %s', async (name, types) => {
    await pay(name);
    await heard(types.length);
    expect([...listener.types].sort()).toEqual(types);
  });

  it('comes again until it is heard', async () => {
    listener.statuses = [500, 503];
    await pay();
    const types = (await heard(5)).map(({ event }) => event.type);
    expect([...new Set(types)].sort()).toEqual(PAID);
    const state = () => rig.door<{ undelivered: number; counts: Record<string, number> }>('GET', '/_sandbox/webhooks');
    const after = await until(state, ({ undelivered }) => undelivered === 0);
    expect(after.counts).toMatchObject({ delivered: 3, refused: 2, givenUp: 0 });
  });

  it('loses every event when told to, and still lists and resends them', async () => {
    await settings({ lose: 1 });
    await pay();
    const { data } = await rig.stripe().events.list({ type: 'payment_intent.succeeded' });
    expect(listener.heard).toEqual([]);
    const answer = await rig.door('POST', `/_sandbox/events/${data[0]?.id}/resend`);
    expect(answer).toEqual({ id: data[0]?.id, status: 200 });
    expect(listener.types).toEqual(['payment_intent.succeeded']);
    expect(await rig.door('GET', '/_sandbox/webhooks')).toMatchObject({ undelivered: 0, counts: { lost: 3 } });
  });

  it('sends copies at once', async () => {
    await settings({ copies: 3 });
    await pay();
    await heard(9);
    const ids = listener.heard.map(({ event }) => event.id);
    expect(new Set(ids).size).toBe(3);
  });

  it('shuffles: of twenty payments some succeed before they are created', async () => {
    await settings({ shuffle: true });
    await Promise.all(Array.from({ length: 20 }, () => pay()));
    await heard(60);
    const at = (type: string, id: string) =>
      listener.heard.findIndex(
        ({ event }) => event.type === type && 'id' in event.data.object && event.data.object.id === id,
      );
    const intents = (await rig.stripe().paymentIntents.list({ limit: 100 })).data;
    const early = intents.filter(({ id }) => at('payment_intent.succeeded', id) < at('payment_intent.created', id));
    expect(early.length).toBeGreaterThan(0);
  });

  it('holds everything while paused, and lets it go afterwards', async () => {
    await settings({ paused: true });
    await pay();
    await until(
      () => rig.door<{ waiting: number }>('GET', '/_sandbox/webhooks'),
      ({ waiting }) => waiting === 3,
    );
    expect(listener.heard).toEqual([]);
    await settings({ paused: false });
    await heard(3);
  });

  it('sends after a restart what the last process still owed', async () => {
    await settings({ paused: true });
    await pay();
    await rig.restart();
    expect([...(await heard(3)).map(({ event }) => event.type)].sort()).toEqual(PAID);
  });

  it('tells nobody until it knows whom to tell', async () => {
    const deaf = await Rig.start();
    await deaf.stripe().paymentIntents.create(aPayment());
    await deaf.door('PUT', '/_sandbox/webhooks', { url: listener.url });
    const { id } = await deaf.stripe().paymentIntents.create(aPayment());
    const events = await heard(3);
    expect(events.find(({ event }) => event.type === 'payment_intent.succeeded')?.event.data.object).toMatchObject({
      id,
    });
    await deaf.close();
    expect(listener.heard).toHaveLength(3);
  });
});
