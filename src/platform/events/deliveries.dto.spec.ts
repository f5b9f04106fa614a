import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { cursorOf, keyOf, ListDeliveries } from './deliveries.dto.js';
import type { ParkedDelivery } from './parked-deliveries.repository.js';

const EVENT_ID = '019b76da-a800-7a3e-8b54-5a0d2c1f9e01';

function mistakesIn(query: object): string[] {
  const options = { whitelist: true, forbidNonWhitelisted: true };
  return validateSync(plainToInstance(ListDeliveries, query), options).map(({ property }) => property);
}

describe('asking for parked deliveries', () => {
  it.each([{}, { state: 'parked' }, { limit: '1' }, { limit: '100' }, { after: `${EVENT_ID}.abandoned-intents` }])(
    'takes %j',
    (query) => {
      expect(mistakesIn(query)).toEqual([]);
    },
  );

  it.each([
    { state: 'open' },
    { limit: '0' },
    { limit: '101' },
    { limit: 'x' },
    { after: EVENT_ID },
    { after: `${EVENT_ID}.` },
    { after: "x.mailer' OR 1" },
  ])('refuses %j', (query) => {
    expect(mistakesIn(query)).toEqual(Object.keys(query));
  });

  it('goes on where a page ended', () => {
    const last = { eventId: EVENT_ID, subscriber: 'abandoned-intents' } as ParkedDelivery;
    expect(keyOf(cursorOf(last))).toEqual({ eventId: EVENT_ID, subscriber: 'abandoned-intents' });
  });
});
