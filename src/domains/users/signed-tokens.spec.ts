import { newId } from '../../shared/ids.js';
import { readConfig } from '../../platform/config/config.js';
import { MailTokens } from './registration/mail-tokens.js';
import { RefreshTokens } from './sessions/refresh-tokens.js';

const aConfig = (TOKEN_SECRET: string) =>
  readConfig({
    APP_ENV: 'test',
    DATABASE_URL: 'postgres://localhost/x',
    REDIS_URL: 'redis://localhost',
    TOKEN_SECRET,
  });

const config = aConfig('a-secret-that-is-long-enough-00000001');
const foreign = aConfig('a-secret-that-is-long-enough-00000002');

describe('RefreshTokens', () => {
  const tokens = new RefreshTokens(config);
  const id = newId();
  const genuine = (token: string, seed = 'seed') => {
    const presented = tokens.read(token);
    return presented !== null && tokens.isGenuine(presented, seed);
  };

  it('makes a token that is a function of session, generation and seed', () => {
    const token = tokens.make(id, 3, 'seed');
    expect(token).toMatch(new RegExp(`^${id}\\.3\\.[\\w-]{43}$`));
    expect(tokens.make(id, 3, 'seed')).toBe(token);
    expect(tokens.read(token)).toMatchObject({ sessionId: id, generation: 3 });
    expect(genuine(token)).toBe(true);
  });

  it('knows every forgery', () => {
    const [, , mac] = tokens.make(id, 3, 'seed').split('.');
    expect(genuine(`${id}.4.${mac}`)).toBe(false);
    expect(genuine(`${newId()}.3.${mac}`)).toBe(false);
    expect(genuine(tokens.make(id, 3, 'seed'), 'another seed')).toBe(false);
    expect(genuine(new RefreshTokens(foreign).make(id, 3, 'seed'))).toBe(false);
  });

  it.each([
    '',
    'a.b.c',
    `${newId()}.-1.${'A'.repeat(43)}`,
    `${newId()}.01.${'A'.repeat(43)}`,
    `x.${'9'.repeat(5_000)}`,
  ])('reads nothing from %j', (text) => expect(tokens.read(text)).toBeNull());
});

describe('MailTokens', () => {
  const tokens = new MailTokens(config);
  const grant = { purpose: 'verify-email', userId: newId(), version: 2, expiry: 1_790_000_000 } as const;

  it('binds a token to purpose, account, version and expiry', () => {
    const presented = tokens.read(tokens.make(grant));
    if (!presented) throw new Error('it does not read its own token');
    expect(presented).toMatchObject({ userId: grant.userId, expiry: grant.expiry });
    expect(tokens.isGenuine(presented, grant)).toBe(true);
    expect(tokens.isGenuine(presented, { ...grant, version: 3 })).toBe(false);
    expect(tokens.isGenuine({ ...presented, expiry: grant.expiry + 1 }, grant)).toBe(false);
    expect(tokens.isGenuine({ ...presented, userId: newId() }, grant)).toBe(false);
    expect(new MailTokens(foreign).isGenuine(presented, grant)).toBe(false);
  });

  it('is nothing for the refresh tokens, nor they for it', () => {
    const refresh = new RefreshTokens(config).make(grant.userId, grant.expiry, String(grant.version));
    const presented = tokens.read(refresh);
    expect(presented && tokens.isGenuine(presented, grant)).toBe(false);
  });
});
