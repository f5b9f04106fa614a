import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Turn } from '../../shared/turn.js';
import { REDIS } from './redis.module.js';

/** A script of that many keys holds Redis for some tenths of a millisecond. */
const KEYS_MAX = 100;

// A key with a window is counted, one without is read. A fixed window: the first hit opens it, and the counter and its
// end cannot come apart.
const COUNT_AND_READ = `local answers = {}
for index, key in ipairs(KEYS) do
  local window = ARGV[index]
  if window == '' then
    answers[index] = redis.call('GET', key)
  else
    local count = redis.call('INCR', key)
    local left = redis.call('PTTL', key)
    if left < 0 then redis.call('PEXPIRE', key, window) left = tonumber(window) end
    answers[index] = {count, left}
  end
end
return answers`;

/** A counter after one more hit, and the milliseconds until its window ends. */
export type Counted = readonly [count: number, leftMs: number];

interface Asked {
  readonly key: string;
  /** Empty to read. */
  readonly windowMs: number | '';
}
type Answer = Counted | string | null;

interface Scripted {
  countAndRead(keys: number, ...keysAndWindows: (string | number)[]): Promise<Answer[]>;
}

/**
 * Counters and texts in Redis; what all requests of one turn of the event loop ask is one command. A hot request counts two
 * limits and reads a session: as three commands they cost a tenth of its time, most of it in the client.
 */
@Injectable()
export class GatheredRedis {
  private readonly turn: Turn<Asked, Answer>;

  constructor(@Inject(REDIS) redis: Redis) {
    redis.defineCommand('countAndRead', { lua: COUNT_AND_READ });
    const scripted = redis as unknown as Scripted;
    this.turn = new Turn((asked) => {
      const windows = asked.map(({ windowMs }) => windowMs);
      return scripted.countAndRead(asked.length, ...asked.map(({ key }) => key), ...windows);
    }, KEYS_MAX);
  }

  /** One more hit of a counter, which begins anew when its window has ended. */
  async count(key: string, windowMs: number): Promise<Counted> {
    return (await this.turn.ask({ key, windowMs })) as Counted;
  }

  async read(key: string): Promise<string | null> {
    return (await this.turn.ask({ key, windowMs: '' })) as string | null;
  }
}
