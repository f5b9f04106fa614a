import { DatabaseClock } from './database-clock.js';

describe('DatabaseClock', () => {
  it('knows no bound before it was told anything', () => {
    expect(new DatabaseClock().latest()).toBe(Number.POSITIVE_INFINITY);
  });

  it('never says less than what PostgreSQL said, whatever date this machine has', () => {
    const clock = new DatabaseClock();
    const longAgo = Date.parse('2001-01-01T00:00:00Z');
    const mark = clock.mark();
    clock.observe(longAgo, mark);
    expect(clock.latest()).toBeGreaterThanOrEqual(longAgo);
    expect(clock.latest()).toBeLessThan(longAgo + 1_000);
  });

  it('counts the whole time of a slow answer as passed', () => {
    const clock = new DatabaseClock();
    clock.observe(1_000, clock.mark() - 5_000);
    expect(clock.latest()).toBeGreaterThanOrEqual(6_000);
  });
});
