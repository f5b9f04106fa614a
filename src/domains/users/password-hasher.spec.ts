import { readdirSync, readFileSync } from 'node:fs';
import { readConfig } from '../../platform/config/config.js';
import { ServiceUnavailable } from '../../shared/errors.js';
import { hashPassword, PasswordHasher } from './password-hasher.js';

/** The niceness of each of this process's threads; proc(5), field 19 of `stat`, counted from behind the name. */
function niceness(): number[] {
  return readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

describe('PasswordHasher', () => {
  const hashers: PasswordHasher[] = [];
  afterEach(async () => {
    await Promise.all(hashers.splice(0).map((hasher) => hasher.onApplicationShutdown()));
  });

  function aHasher(
    limits: { concurrency: number; queueMax: number },
    settings: Readonly<Record<string, string>> = {},
  ): PasswordHasher {
    const hasher = new PasswordHasher(
      readConfig({
        APP_ENV: 'test',
        DATABASE_URL: 'postgres://localhost/x',
        REDIS_URL: 'redis://localhost',
        PASSWORD_HASH_CONCURRENCY: String(limits.concurrency),
        PASSWORD_HASH_QUEUE_MAX: String(limits.queueMax),
        ...settings,
      }),
    );
    hashers.push(hasher);
    return hasher;
  }

  it('hashes with Argon2id at the cost we chose, salted, and knows its own hashes again', async () => {
    const hasher = aHasher({ concurrency: 2, queueMax: 10 });
    const [one, other] = await Promise.all([hasher.hash('a password'), hasher.hash('a password')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(other);
    expect(await hasher.verify(one, 'a password')).toBe(true);
    expect(await hasher.verify(one, 'A password')).toBe(false);
  });

  it('costs less where configured, for nobody too', async () => {
    const cheap = aHasher({ concurrency: 2, queueMax: 10 }, { PASSWORD_HASH_MEMORY_KIB: '1024' });
    const hash = await cheap.hash('a password');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=1024,t=2,p=1\$/);
    expect(await cheap.verify(hash, 'a password')).toBe(true);
    expect(await cheap.verify(null, 'a password')).toBe(false);
  });

  it('takes as long for nobody as for somebody, and says no', async () => {
    const hasher = aHasher({ concurrency: 1, queueMax: 10 });
    const hash = await hashPassword('a password');
    const took = async (of: string | null) => {
      const startedAt = performance.now();
      expect(await hasher.verify(of, 'a guess')).toBe(false);
      return performance.now() - startedAt;
    };
    // In turns, and the ratio of each turn: what else the machine does meanwhile slows both.
    const ratios: number[] = [];
    for (let n = 0; n < 15; n++) ratios.push((await took(null)) / (await took(hash)));
    const median = ratios.sort((a, b) => a - b)[7] ?? 0;
    expect(median).toBeGreaterThan(0.6);
    expect(median).toBeLessThan(1.7);
  });

  it('queues so many and refuses the rest at once', async () => {
    const hasher = aHasher({ concurrency: 2, queueMax: 3 });
    const outcomes = await Promise.allSettled(Array.from({ length: 9 }, () => hasher.hash('a password')));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.map(({ reason }) => reason as unknown)).toEqual(Array(4).fill(expect.any(ServiceUnavailable)));
    expect(outcomes.slice(0, 5).every(({ status }) => status === 'fulfilled')).toBe(true);
  });

  // Elsewhere priority belongs to a whole process.
  if (process.platform === 'linux')
    it('hashes in threads that leave the processor to all others, which stay as they are', async () => {
      const before = niceness();
      const hasher = aHasher({ concurrency: 2, queueMax: 10 });
      await Promise.all(Array.from({ length: 6 }, () => hasher.hash('a password')));
      const nicer = niceness().filter((each) => each === Math.max(...before) + 15);
      expect(nicer).toHaveLength(2);
      expect(niceness().filter((each) => each <= Math.max(...before)).length).toBeGreaterThanOrEqual(before.length);
    });

  it('gives its place back after a failure', async () => {
    const hasher = aHasher({ concurrency: 1, queueMax: 1 });
    for (let n = 0; n < 3; n++) await expect(hasher.verify('no hash at all', 'x')).rejects.toThrow();
    await expect(hasher.hash('a password')).resolves.toMatch(/^\$argon2id/);
  });
});
