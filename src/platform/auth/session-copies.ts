import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ROLES } from '../../contracts/roles.js';
import type { SessionStanding } from '../../contracts/session-directory.js';
import { GatheredRedis } from '../cache/gathered-redis.js';
import { REDIS } from '../cache/redis.module.js';

/** Sessions used within a day stay at hand; how old a copy may be to be believed is the reader's question. */
const TTL_SECONDS = 86_400;

const copy = z.object({
  userId: z.string(),
  roles: z.array(z.enum(ROLES)),
  mustEnrol: z.boolean(),
  readAt: z.number(),
  expiresAt: z.number(),
});

/** Copies of sessions in Redis. Losing one, or all, costs a read of PostgreSQL: so no failure here is anybody's failure. */
@Injectable()
export class SessionCopies {
  private readonly foreseen = new WeakMap<object, { sessionId: string; copy: Promise<SessionStanding | null> }>();

  constructor(
    private readonly gathered: GatheredRedis,
    @Inject(REDIS) private readonly redis: Redis,
  ) {}

  /** Begins to read a copy that this request is likely to ask for. */
  foresee(request: object, sessionId: string): void {
    this.foreseen.set(request, { sessionId, copy: this.read(sessionId) });
  }

  async find(sessionId: string, request: object): Promise<SessionStanding | null> {
    const foreseen = this.foreseen.get(request);
    return foreseen?.sessionId === sessionId ? foreseen.copy : this.read(sessionId);
  }

  async keep(sessionId: string, standing: SessionStanding): Promise<void> {
    try {
      await this.redis.set(keyOf(sessionId), JSON.stringify(standing), 'EX', TTL_SECONDS);
    } catch {
      // Redis is down: the next request reads PostgreSQL again.
    }
  }

  /** Makes an ending count at once on every route; without Redis it counts when the copy has grown too old. */
  async forget(...sessionIds: string[]): Promise<void> {
    if (sessionIds.length === 0) return;
    try {
      await this.redis.del(...sessionIds.map(keyOf));
    } catch {
      // Redis is down: so are its copies, and when it is back they are older.
    }
  }

  private async read(sessionId: string): Promise<SessionStanding | null> {
    try {
      const text = await this.gathered.read(keyOf(sessionId));
      const parsed = copy.safeParse(text === null ? null : JSON.parse(text));
      return parsed.success ? parsed.data : null;
    } catch {
      return null;
    }
  }
}

function keyOf(sessionId: string): string {
  return `purser:session:${sessionId}`;
}
