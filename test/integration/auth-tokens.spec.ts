import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { Accounts, type Tokens } from './users.support.js';

const PREVIOUS = 'the-key-before-the-rotation-0000000001';

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

interface Craft {
  readonly header?: object;
  readonly claims?: object;
  readonly without?: readonly string[];
  readonly secret?: string;
  readonly hash?: 'sha256' | 'sha384' | 'sha512';
}

describe('access tokens', () => {
  let accounts: Accounts;
  let anna: Tokens & { userId: string; sessionId: string };
  let ben: Tokens & { userId: string; sessionId: string };

  beforeAll(async () => {
    accounts = await Accounts.start({ JWT_SECRET_PREVIOUS: PREVIOUS });
    anna = await accounts.join('anna@example.com');
    ben = await accounts.join('ben@example.com');
  });

  afterAll(() => accounts.stop());

  /** A token of ours with exactly one thing wrong. */
  function craft({ header = {}, claims = {}, without = [], secret, hash = 'sha256' }: Craft): string {
    const now = Math.floor(Date.now() / 1_000);
    const honest = { sub: anna.userId, sid: anna.sessionId, email: 'anna@example.com', roles: ['user'] };
    const times = { iat: now, exp: now + 600, iss: 'purser', aud: 'purser-api' };
    const all = Object.entries({ ...honest, ...times, ...claims }).filter(([name]) => !without.includes(name));
    const head = Object.entries({ alg: 'HS256', typ: 'at+jwt', kid: 'k1', ...header }).filter(([, value]) => value);
    const text = `${base64url(Object.fromEntries(head))}.${base64url(Object.fromEntries(all))}`;
    const mac = createHmac(hash, secret ?? accounts.config.JWT_SECRET);
    return `${text}.${mac.update(text).digest('base64url')}`;
  }

  function signedWithRsa(header: object): string {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const [, payload] = craft({}).split('.');
    const text = `${base64url({ alg: 'RS256', typ: 'at+jwt', kid: 'k1', ...header })}.${payload}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
  }

  function tampered(): string {
    const [header, payload = '', mac] = anna.accessToken.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    return `${header}.${base64url({ ...claims, roles: ['admin'] })}.${mac}`;
  }

  const HOUR = 3_600;
  const seconds = (): number => Math.floor(Date.now() / 1_000);

  const BAD: readonly (readonly [what: string, token: () => string])[] = [
    ['nothing at all', () => ''],
    ['no JWT', () => 'garbage'],
    ['two parts', () => anna.accessToken.split('.').slice(0, 2).join('.')],
    ['four parts', () => `${anna.accessToken}.x`],
    ['no signature', () => `${anna.accessToken.split('.').slice(0, 2).join('.')}.`],
    ['alg none', () => `${base64url({ alg: 'none', typ: 'at+jwt', kid: 'k1' })}.${craft({}).split('.')[1]}.`],
    ['alg nOnE', () => craft({ header: { alg: 'nOnE' } })],
    ['HS384 with the right key', () => craft({ header: { alg: 'HS384' }, hash: 'sha384' })],
    ['HS512 with the right key', () => craft({ header: { alg: 'HS512' }, hash: 'sha512' })],
    ['HS512 that says HS256', () => craft({ hash: 'sha512' })],
    ['RS256 with a key of their own', () => signedWithRsa({})],
    ['a key of their own in the header', () => signedWithRsa({ jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } })],
    ['another secret', () => craft({ secret: 'x'.repeat(32) })],
    ['an empty secret', () => craft({ secret: '' })],
    ['no kid', () => craft({ header: { kid: undefined } })],
    ['an unknown kid', () => craft({ header: { kid: 'k9' } })],
    ['the kid of the other key', () => craft({ header: { kid: 'k0' } })],
    ['a kid that is a path', () => craft({ header: { kid: '../../dev/null' }, secret: '' })],
    ['a kid that is SQL', () => craft({ header: { kid: "k1' OR '1'='1" } })],
    ['a kid that is a property', () => craft({ header: { kid: '__proto__' } })],
    ['typ JWT', () => craft({ header: { typ: 'JWT' } })],
    ['no typ', () => craft({ header: { typ: undefined } })],
    ['a critical extension', () => craft({ header: { crit: ['exp'] } })],
    ['expired', () => craft({ claims: { iat: seconds() - HOUR, exp: seconds() - 1 } })],
    ['no exp', () => craft({ without: ['exp'] })],
    ['exp as a text', () => craft({ claims: { exp: '2030-01-01T00:00:00Z' } })],
    [
      'exp in milliseconds, issued long ago',
      () => craft({ claims: { iat: seconds() - HOUR, exp: Date.now() + HOUR } }),
    ],
    ['no iat', () => craft({ without: ['iat'] })],
    ['not yet valid', () => craft({ claims: { nbf: seconds() + HOUR } })],
    ['another issuer', () => craft({ claims: { iss: 'somebody' } })],
    ['no issuer', () => craft({ without: ['iss'] })],
    ['another audience', () => craft({ claims: { aud: 'somebody' } })],
    ['no session', () => craft({ without: ['sid'] })],
    ['a session that is SQL', () => craft({ claims: { sid: "' OR true --" } })],
    ['an unknown session', () => craft({ claims: { sid: randomUUID() } })],
    ["another user's session", () => craft({ claims: { sid: ben.sessionId } })],
    ['no subject', () => craft({ without: ['sub'] })],
    ['roles nobody has', () => craft({ claims: { roles: ['root'] } })],
    ['a refresh token', () => anna.refreshToken],
    ['roles added after signing', () => tampered()],
    ['more than we decode', () => craft({ claims: { email: 'x'.repeat(5_000) } })],
  ];

  it.each(BAD)('refuses %s with one and the same answer', async (_what, token) => {
    const rows = `SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM sessions) AS n`;
    const before = await accounts.db.query(rows);

    for (const door of ['plain', 'sensitive', 'admin']) {
      const { status, headers, body } = await accounts.call('get', `/doors/${door}`, token());
      const { requestId, ...rest } = body as Record<string, unknown>;

      expect(status).toBe(401);
      expect(headers['www-authenticate']).toBe('Bearer');
      expect(requestId).toEqual(expect.any(String));
      expect(rest).toEqual({
        type: '/problems/unauthenticated',
        title: 'No valid token',
        status: 401,
        code: 'unauthenticated',
        detail: 'Send a valid token; log in again if it is refused.',
        instance: `/v1/doors/${door}`,
      });
    }
    expect(await accounts.db.query(rows)).toEqual(before);
  });

  it('takes a crafted token with nothing wrong, so the table above refuses for its one reason', async () => {
    const { body } = await accounts.call('get', '/doors/sensitive', craft({})).expect(200);
    expect(body).toEqual({
      id: anna.userId,
      email: 'anna@example.com',
      roles: ['user'],
      sessionId: anna.sessionId,
    });
  });

  it('refuses what jsonwebtoken alone would take', () => {
    const names = ['HS512 with the right key', 'typ JWT', 'no exp', 'no session', 'a critical extension'];
    const taken = BAD.filter(([what]) => names.includes(what)).map(([, token]) => token());
    expect(taken).toHaveLength(names.length);
    for (const token of taken) expect(() => jwt.verify(token, accounts.config.JWT_SECRET)).not.toThrow();
  });

  it('issues what it promises: numeric times, ten minutes, our issuer, the key by its id', () => {
    const decoded = jwt.decode(anna.accessToken, { complete: true });
    expect(decoded?.header).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' });
    const { iat, exp, ...claims } = decoded?.payload as jwt.JwtPayload;
    expect(exp).toBe(Number(iat) + 600);
    const owner = { sub: anna.userId, sid: anna.sessionId, email: 'anna@example.com', roles: ['user'] };
    expect(claims).toEqual({ ...owner, iss: 'purser', aud: 'purser-api' });
  });

  it('still takes a token of the key before the rotation', async () => {
    const token = craft({ header: { kid: 'k0' }, secret: PREVIOUS });
    await accounts.call('get', '/doors/plain', token).expect(200);
  });

  it('takes a token from nowhere but the header', async () => {
    await accounts.call('get', `/doors/plain?access_token=${anna.accessToken}`).expect(401);
    await accounts.call('get', '/doors/plain').set('Cookie', `accessToken=${anna.accessToken}`).expect(401);
    await accounts.call('get', '/doors/plain').set('Authorization', `Basic ${anna.accessToken}`).expect(401);
  });

  it('asks for nothing on a public route, and looks at nothing', async () => {
    await accounts.call('get', '/doors/open', 'garbage').expect(200);
  });

  it('tells who may not from who is not known', async () => {
    const { body } = await accounts.call('get', '/doors/admin', anna.accessToken).expect(403);
    expect(body).toMatchObject({ code: 'forbidden', status: 403 });
  });

  it('goes by the roles of now, not by those in the token', async () => {
    await accounts.db.query(`UPDATE users SET roles = '{user,admin}' WHERE id = $1`, [ben.userId]);
    await accounts.call('get', '/doors/admin', ben.accessToken).expect(200);
    await accounts.db.query(`UPDATE users SET roles = '{user}' WHERE id = $1`, [ben.userId]);
    await accounts.call('get', '/doors/admin', ben.accessToken).expect(403);
  });
});
