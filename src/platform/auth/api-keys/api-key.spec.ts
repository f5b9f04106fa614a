import { hashOfApiKey, newApiKey } from './api-key.js';

describe('an API key', () => {
  it('is found again by its hash, which does not contain it', () => {
    const { key, prefix, hash } = newApiKey();
    expect(key).toMatch(/^purser_[\w-]{43}_[\w-]{6}$/);
    expect(key.startsWith(prefix)).toBe(true);
    expect(prefix).toHaveLength(13);
    expect(hashOfApiKey(key)).toBe(hash);
    expect(hash).not.toContain(key.slice(7, 20));
    expect(newApiKey().key).not.toBe(key);
  });

  it('is none with one letter changed, cut, doubled or wrapped', () => {
    const { key } = newApiKey();
    const swapped = key.slice(0, 20) + (key[20] === 'A' ? 'B' : 'A') + key.slice(21);
    for (const other of [
      swapped,
      key.slice(0, -1),
      `${key}a`,
      `${key}, ${key}`,
      ` ${key}`,
      `${key}\n`,
      '',
      'purser_',
    ]) {
      expect(hashOfApiKey(other)).toBeNull();
    }
  });

  it('costs a short look, however long it is', () => {
    const started = performance.now();
    for (let round = 0; round < 100; round += 1) expect(hashOfApiKey(`purser_${'a'.repeat(50_000)}`)).toBeNull();
    expect(performance.now() - started).toBeLessThan(500);
  });
});
