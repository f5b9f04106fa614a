import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { isId } from '../../../shared/ids.js';
import { isSame, keyedHash } from '../keyed-hash.js';

export interface PresentedToken {
  readonly sessionId: string;
  readonly generation: number;
  readonly mac: string;
}

const SHAPE = /^([0-9a-f-]{36})\.(0|[1-9]\d{0,8})\.([\w-]{43})$/;

/**
 * Refresh tokens `session.generation.mac`. The successor is a function of the session and its generation, so two tabs
 * or a lost reply get the same one; the MAC is checked before anything else, so garbage ends nobody's session.
 */
@Injectable()
export class RefreshTokens {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  make(sessionId: string, generation: number, seed: string): string {
    return `${sessionId}.${generation}.${this.mac(sessionId, generation, seed)}`;
  }

  /** Null when it does not even look like one. */
  read(token: string): PresentedToken | null {
    const [, sessionId, generation, mac] = SHAPE.exec(token) ?? [];
    if (!isId(sessionId) || generation === undefined || mac === undefined) return null;
    return { sessionId, generation: Number(generation), mac };
  }

  isGenuine({ sessionId, generation, mac }: PresentedToken, seed: string): boolean {
    return isSame(mac, this.mac(sessionId, generation, seed));
  }

  private mac(sessionId: string, generation: number, seed: string): string {
    return keyedHash(this.config.TOKEN_SECRET, 'rt1', sessionId, generation, seed);
  }
}
