import { createSecretKey, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { ROLES, type Role } from '../../contracts/roles.js';
import { isId } from '../../shared/ids.js';
import { CONFIG, type Config } from '../config/config.js';

export const ALGORITHM = 'HS256';
/** RFC 9068: keeps any other kind of JWT made with the same key from passing as an access token. */
const TYPE = 'at+jwt';
/** A token of ours has some 500 characters; nobody makes us decode more than this. */
const LENGTH_MAX = 4_096;

const header = z.object({
  alg: z.literal(ALGORITHM),
  typ: z.literal(TYPE),
  kid: z.string(),
  crit: z.undefined().optional(),
});

const id = z.string().refine(isId);
const claims = z.object({
  sub: id,
  sid: id,
  email: z.string(),
  roles: z.array(z.enum(ROLES)),
  iat: z.int(),
  exp: z.int(),
});

/** The payload of an access token of ours, checked. `iat` and `exp` are NumericDates: seconds, never a text. */
export type AccessClaims = z.infer<typeof claims>;

export interface TokenOwner {
  readonly userId: string;
  readonly email: string;
  readonly roles: readonly Role[];
  readonly sessionId: string;
}

export interface IssuedToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** Makes access tokens, and says which key and which claims one must have. The current key signs, both keys verify. */
@Injectable()
export class AccessTokens {
  private readonly keys = new Map<string, KeyObject>();
  private readonly signingKey: KeyObject;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    const { JWT_SECRET_PREVIOUS, JWT_KEY_ID_PREVIOUS } = config;
    if (JWT_SECRET_PREVIOUS) this.keys.set(JWT_KEY_ID_PREVIOUS, keyOf(JWT_SECRET_PREVIOUS));
    this.signingKey = keyOf(config.JWT_SECRET);
    this.keys.set(config.JWT_KEY_ID, this.signingKey);
  }

  issue({ userId, email, roles, sessionId }: TokenOwner): IssuedToken {
    const { JWT_ISSUER, JWT_AUDIENCE, JWT_KEY_ID, ACCESS_TOKEN_TTL_SECONDS: expiresIn } = this.config;
    const accessToken = jwt.sign({ sid: sessionId, email, roles }, this.signingKey, {
      algorithm: ALGORITHM,
      header: { alg: ALGORITHM, typ: TYPE, kid: JWT_KEY_ID },
      subject: userId,
      issuer: JWT_ISSUER,
      audience: JWT_AUDIENCE,
      expiresIn,
    });
    return { accessToken, expiresIn };
  }

  /** The key the token's header names, or null when this header is none of ours. The signature is not checked yet. */
  keyFor(token: string): KeyObject | null {
    const [encoded = '', ...rest] = token.length > LENGTH_MAX ? [] : token.split('.');
    if (rest.length !== 2) return null;
    const parsed = header.safeParse(decoded(encoded));
    return parsed.success ? (this.keys.get(parsed.data.kid) ?? null) : null;
  }

  /** The claims of a verified payload, or null when one of ours is missing: jsonwebtoken accepts a token without `exp`. */
  claimsOf(payload: unknown): AccessClaims | null {
    const parsed = claims.safeParse(payload);
    return parsed.success ? parsed.data : null;
  }
}

function keyOf(secret: string): KeyObject {
  return createSecretKey(secret, 'utf8');
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
