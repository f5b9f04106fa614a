import { keptPayload } from './kept-payload.js';

const CANARY = 'anna.canary@example.com';

describe('what is kept of an event', () => {
  const about = {
    id: 'ch_1',
    object: 'charge',
    status: 'succeeded',
    amount: 1_490,
    currency: 'usd',
    payment_intent: { id: 'pi_1', receipt_email: CANARY },
    receipt_email: CANARY,
    billing_details: { name: CANARY, email: CANARY, phone: CANARY, address: { line1: CANARY } },
    metadata: { note: CANARY },
  };
  const event = { id: 'evt_1', object: 'event', type: 'charge.succeeded', created: 1, account: CANARY, data: {} };

  it('is its names, states and amounts', () => {
    expect(keptPayload(event, about)).toEqual({
      id: 'evt_1',
      object: 'event',
      type: 'charge.succeeded',
      created: 1,
      data: { object: { id: 'ch_1', object: 'charge', status: 'succeeded', amount: 1_490, currency: 'usd' } },
    });
  });

  it('is nothing about a person', () => {
    expect(JSON.stringify([event, about])).toContain(CANARY);
    expect(JSON.stringify(keptPayload(event, about))).not.toContain(CANARY);
  });
});
