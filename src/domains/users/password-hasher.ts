import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { hash, hashSync } from '@node-rs/argon2';
import { Piscina } from 'piscina';
import { CONFIG, type Config } from '../../platform/config/config.js';
import { ServiceUnavailable } from '../../shared/errors.js';
import type * as thread from './password-hashing.thread.js';

type Thread = typeof thread;

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

/** The threads get what the event loop leaves over: some 3 % of a core that it fills. Only Linux has priorities of threads. */
const NICENESS = process.platform === 'linux' ? 15 : 0;

/** A thread takes 20 MB: one that nobody needs ends. */
const IDLE_MS = 10_000;

/**
 * Argon2id on a few threads of its own, at low priority: a flood of logins slows neither other requests nor files and DNS,
 * which share libuv's threads. Who would wait longer than the queue is answered 503 at once.
 */
@Injectable()
export class PasswordHasher implements OnApplicationShutdown {
  private readonly cost: Cost;
  private readonly nobodysHash: string;
  private readonly placesMax: number;
  private readonly threads: Piscina;
  private taken = 0;

  constructor(@Inject(CONFIG) config: Config) {
    this.cost = { ...COST, memoryCost: config.PASSWORD_HASH_MEMORY_KIB };
    const isOurs = this.cost.memoryCost === COST.memoryCost;
    this.nobodysHash = isOurs ? NOBODYS_HASH : hashSync(randomBytes(32), this.cost);
    const concurrency = config.PASSWORD_HASH_CONCURRENCY ?? Math.max(1, Math.floor(availableParallelism() / 2));
    this.placesMax = concurrency + config.PASSWORD_HASH_QUEUE_MAX;
    this.threads = new Piscina({
      filename: path.join(import.meta.dirname, 'password-hashing.thread.js'),
      minThreads: 0,
      maxThreads: concurrency,
      idleTimeout: IDLE_MS,
      niceIncrement: NICENESS,
    });
  }

  /** @throws ServiceUnavailable when too many hashes are waited for already. */
  hash(password: string): Promise<string> {
    return this.inTurn('hash', { password, cost: this.cost });
  }

  /**
   * Whether the password belongs to the hash; `null`, for an account that does not exist, costs the same and is false.
   * @throws ServiceUnavailable when too many hashes are waited for already.
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const isRight = await this.inTurn('verify', { passwordHash: passwordHash ?? this.nobodysHash, password });
    return passwordHash !== null && isRight;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.threads.destroy();
  }

  private async inTurn<Name extends keyof Thread>(
    name: Name,
    request: Parameters<Thread[Name]>[0],
  ): Promise<ReturnType<Thread[Name]>> {
    if (this.taken >= this.placesMax) throw new ServiceUnavailable();
    this.taken += 1;
    try {
      return (await this.threads.run(request, { name })) as ReturnType<Thread[Name]>;
    } finally {
      this.taken -= 1;
    }
  }
}
