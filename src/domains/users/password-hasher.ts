import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import { hash, hashSync, verify } from '@node-rs/argon2';
import { CONFIG, type Config } from '../../platform/config/config.js';
import { ServiceUnavailable } from '../../shared/errors.js';

/** OWASP's Argon2id set: 19 MiB, two passes, one lane; 35–75 ms of one core. Argon2id is the library's default. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
type Cost = Record<keyof typeof COST, number>;

/** Of a random password nobody kept, at the same cost: verifying for an unknown account takes as long as for a known one. */
export const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$JymBo7GjeMt5d3tFBDbKJA$3adDg6mjg46k8vIhVKAOHKUlctWtf3L8zc+RNi3AgJ4';

/** For whoever hashes outside a server, such as the seed. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, COST);
}

/**
 * Argon2id behind a semaphore: it runs on libuv's four threads, and a flood of logins would stall files and DNS.
 * Who waits longer than the queue is answered 503 at once.
 */
@Injectable()
export class PasswordHasher {
  private readonly cost: Cost;
  private readonly nobodysHash: string;
  private readonly concurrency: number;
  private readonly queueMax: number;
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(@Inject(CONFIG) config: Config) {
    this.cost = { ...COST, memoryCost: config.PASSWORD_HASH_MEMORY_KIB };
    const isOurs = this.cost.memoryCost === COST.memoryCost;
    this.nobodysHash = isOurs ? NOBODYS_HASH : hashSync(randomBytes(32), this.cost);
    this.concurrency = config.PASSWORD_HASH_CONCURRENCY ?? Math.max(1, Math.floor(availableParallelism() / 2));
    this.queueMax = config.PASSWORD_HASH_QUEUE_MAX;
  }

  /** @throws ServiceUnavailable when too many hashes are waited for already. */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, this.cost));
  }

  /**
   * Whether the password belongs to the hash; `null`, for an account that does not exist, costs the same and is false.
   * @throws ServiceUnavailable when too many hashes are waited for already.
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const isRight = await this.inTurn(() => verify(passwordHash ?? this.nobodysHash, password));
    return passwordHash !== null && isRight;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.concurrency) this.running++;
    else await this.queue();
    try {
      return await work();
    } finally {
      // Whoever is next takes over this place, so `running` does not change.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  private queue(): Promise<void> {
    if (this.waiting.length >= this.queueMax) throw new ServiceUnavailable();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
