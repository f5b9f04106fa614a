import { Draining } from './draining.js';

describe('Draining', () => {
  it('says that it has begun before anybody is told, and ends when all have rested', async () => {
    const draining = new Draining();
    const told: boolean[] = [];
    let rest = (): void => undefined;
    draining.onBegin(async () => told.push(draining.isDraining));
    draining.onBegin(() => new Promise<void>((resolve) => (rest = resolve)));
    let isOver = false;
    const beginning = draining.begin().then(() => (isOver = true));
    await Promise.resolve();
    expect([told, isOver]).toEqual([[true], false]);
    rest();
    await beginning;
    expect(isOver).toBe(true);
  });

  it('ends also when one of them fails', async () => {
    const draining = new Draining();
    draining.onBegin(() => Promise.reject(new Error('no')));
    draining.onBegin(() => {
      throw new Error('not even that');
    });
    await expect(draining.begin()).resolves.toBeUndefined();
  });
});
