import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import { CONFIG, type Config } from '../config/config.js';
import { AccessTokens, ALGORITHM, type AccessClaims } from './access-tokens.js';
import { Unauthenticated } from './auth.errors.js';
import { tokenOf } from './verified-tokens.js';

/** Proves that an access token is ours and in its time. Whether its session still stands is the guard's question. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(
    private readonly tokens: AccessTokens,
    @Inject(CONFIG) config: Config,
  ) {
    super({
      jwtFromRequest: tokenOf,
      secretOrKeyProvider: keyProvider(tokens),
      algorithms: [ALGORITHM],
      issuer: config.JWT_ISSUER,
      audience: config.JWT_AUDIENCE,
      jsonWebTokenOptions: { maxAge: config.ACCESS_TOKEN_TTL_SECONDS },
    });
  }

  validate(payload: unknown): AccessClaims | null {
    return this.tokens.claimsOf(payload);
  }
}

function keyProvider(tokens: AccessTokens): SecretOrKeyProvider<unknown> {
  return (_request, token: string, done) => {
    const key = tokens.keyFor(token);
    if (!key) return done(new Unauthenticated());
    // The key goes on as a KeyObject, which the typings do not know: of a Buffer, jsonwebtoken first tries to make a
    // public key, on every request.
    Reflect.apply(done, undefined, [null, key]);
  };
}
