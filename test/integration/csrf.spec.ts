import { CsrfGuard } from '../../src/platform/auth/browser/csrf.guard.js';
import { COOKIES, DEVICE, LoggedInPage, ownPage, setCookies } from './browser.support.js';
import { Accounts, PASSWORD } from './users.support.js';

const ELSEWHERE = 'https://evil.example';

type Doors = 'patch /users/me' | 'post /auth/logout' | 'delete /users/me/sessions';
const DOORS: readonly Doors[] = ['patch /users/me', 'post /auth/logout', 'delete /users/me/sessions'];

describe('requests with cookies', () => {
  let accounts: Accounts;
  let page: LoggedInPage;
  let other: LoggedInPage;

  beforeAll(async () => {
    accounts = await Accounts.start({ BROWSER_ORIGINS: 'https://shop.example,https://desk.example' });
    await accounts.join('anna@example.com');
    await accounts.join('ben@example.com');
    other = await LoggedInPage.of(accounts, 'ben@example.com');
  });

  beforeEach(async () => {
    page = await LoggedInPage.of(accounts, 'anna@example.com');
  });

  afterAll(() => accounts.stop());

  /** Everything a request could have changed, in one word. */
  async function everything(): Promise<string> {
    const parts = ['users', 'sessions', 'events'].map(
      (table) => `(SELECT string_agg(r::text, '' ORDER BY r::text) FROM ${table} AS r)`,
    );
    return (await accounts.db.query<{ all: string }>(`SELECT md5(${parts.join(' || ')}) AS all`))[0]?.all ?? '';
  }

  /** What another page can have the browser send, and what it cannot but a careless guard would take. */
  const FORGERIES: readonly (readonly [what: string, headers: () => Record<string, string>])[] = [
    ['nothing but the cookies', () => ({})],
    ['no token', () => ownPage(accounts)],
    ['an empty token', () => ({ ...ownPage(accounts), 'X-CSRF-Token': '' })],
    ['a made-up token', () => ({ ...ownPage(accounts), 'X-CSRF-Token': 'f'.repeat(64) + '.' + '0'.repeat(64) })],
    ["another session's token", () => ({ ...ownPage(accounts), 'X-CSRF-Token': other.csrfToken })],
    ["another session's token and cookie", () => withCookie(other.csrfToken)],
    ['a token that is its own signature', () => withCookie('f'.repeat(64) + '.' + '0'.repeat(64))],
    ['a cookie that is JSON', () => withCookie('j:{"split":1}')],
    ['no CSRF cookie', () => ({ ...own(), Cookie: page.cookies({ '__Host-purser-csrf': null }) })],
    ['another origin', () => ({ ...own(), Origin: ELSEWHERE })],
    ['an origin that looks like ours', () => ({ ...own(), Origin: `${ownPage(accounts).Origin}.evil.example` })],
    ['our origin over another scheme', () => ({ ...own(), Origin: `https://${new URL(publicUrl()).host}` })],
    ['the null origin', () => ({ ...own(), Origin: 'null' })],
    ['no origin', () => ({ 'X-CSRF-Token': page.csrfToken, 'Sec-Fetch-Site': 'same-origin' })],
    ['another site', () => ({ ...own(), 'Sec-Fetch-Site': 'cross-site' })],
    ['a sibling of our host', () => ({ ...own(), 'Sec-Fetch-Site': 'same-site' })],
    ['another method in a header', () => ({ ...ownPage(accounts), 'X-HTTP-Method-Override': 'GET' })],
    ['a forwarded host', () => ({ ...own(), Origin: ELSEWHERE, 'X-Forwarded-Host': 'evil.example' })],
  ];

  const publicUrl = (): string => accounts.config.PUBLIC_URL;
  const own = (): Record<string, string> => ({ ...ownPage(accounts), 'X-CSRF-Token': page.csrfToken });

  function withCookie(token: string): Record<string, string> {
    const cookie = page.cookies({ '__Host-purser-csrf': encodeURIComponent(token) });
    return { ...ownPage(accounts), Cookie: cookie, 'X-CSRF-Token': token };
  }

  function knock(door: Doors, headers: Record<string, string>) {
    const [method, path = ''] = door.split(' ') as ['patch' | 'post' | 'delete', string];
    const call = page.forged(method, path).set(headers);
    return method === 'patch' ? call.send({ displayName: 'Mallory' }) : call;
  }

  it.each(FORGERIES)('are refused with %s, and nothing has happened', async (_what, headers) => {
    const before = await everything();
    for (const door of DOORS) {
      const { status, body, headers: answered } = await knock(door, headers());
      expect([door, status, body.code]).toEqual([door, 403, 'csrf-refused']);
      expect(setCookies(answered)).toEqual([]);
    }
    expect(await everything()).toBe(before);
  });

  it('are let in from a page of ours with the token, so the table above refuses for its one reason', async () => {
    await knock('patch /users/me', own()).expect(200);
    await knock('patch /users/me', { ...own(), Origin: 'https://desk.example' }).expect(200);
    await knock('post /auth/logout', own()).expect(204);
  });

  it('would do what every forgery asks without the guard', async () => {
    const guard = jest.spyOn(accounts.app.get(CsrfGuard, { strict: false }), 'canActivate').mockReturnValue(true);
    const through = async (door: Doors, headers: Record<string, string>): Promise<boolean> => {
      const before = await everything();
      await knock(door, headers);
      return (await everything()) !== before;
    };
    let done = 0;
    for (const [, headers] of FORGERIES) {
      await accounts.db.query(`UPDATE users SET display_name = NULL WHERE email = 'anna@example.com'`);
      if (await through('patch /users/me', headers())) done++;
    }
    expect(await through('post /auth/logout', {})).toBe(true);
    guard.mockRestore();
    process.stdout.write(
      `P41: ${FORGERIES.length} forgeries at ${DOORS.length} doors, 0 got in; without the guard ${done}\n`,
    );
    expect(done).toBe(FORGERIES.length);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
    'are not read as %j, which a form could send without asking',
    async (type) => {
      const before = await everything();
      const body = JSON.stringify({ displayName: 'Mallory', '=': '' });
      const call = page.forged('patch', '/users/me').set({ ...own(), 'Content-Type': type });
      const reply = await call.send(body);
      expect([reply.status, reply.body.code]).toEqual([415, 'unsupported-media-type']);
      expect(await everything()).toBe(before);
    },
  );

  it('change nothing by a method in the address or a header', async () => {
    const before = await everything();
    await page.forged('get', '/users/me?_method=DELETE').set('X-HTTP-Method-Override', 'PATCH').expect(200);
    const posted = await page.send('post', '/users/me/sessions?_method=DELETE').set('X-HTTP-Method-Override', 'DELETE');
    expect(posted.status).toBe(405);
    expect(await everything()).toBe(before);
  });

  it('need no token to read', async () => {
    const { body } = await page.forged('get', '/users/me').expect(200);
    expect(body).toMatchObject({ email: 'anna@example.com' });
  });

  it('are no concern of a program, which holds its token itself', async () => {
    const { accessToken } = await accounts.session('anna@example.com');
    const patch = accounts.call('patch', '/users/me', accessToken).set('Origin', ELSEWHERE);
    await patch.send({ displayName: 'Anna' }).expect(200);
  });

  it('are not looked at beside another credential, good or bad', async () => {
    const { accessToken } = await accounts.session('ben@example.com');
    const both = await page.forged('get', '/users/me').set('Authorization', `Bearer ${accessToken}`).expect(200);
    expect(both.body).toMatchObject({ email: 'ben@example.com' });
    await page.forged('get', '/users/me').set('Authorization', 'Bearer x').expect(401);
    await page.forged('get', '/users/me').set('X-API-Key', 'x').expect(401);
  });
});

describe('logging in by cookie', () => {
  let accounts: Accounts;

  beforeAll(async () => {
    accounts = await Accounts.start();
    await accounts.join('anna@example.com');
  });

  afterAll(() => accounts.stop());

  const body = { email: 'anna@example.com', password: PASSWORD, mode: 'cookie' };
  const sessions = () => accounts.db.query(`SELECT count(*) FROM sessions`);

  it('answers a token for the page, and keeps the others where no script is', async () => {
    const reply = await accounts.call('post', '/auth/login').set(ownPage(accounts)).send(body).expect(200);
    expect(reply.body).toEqual({ csrfToken: expect.stringMatching(/^[\da-f]{64}\.[\da-f]{64}$/), expiresIn: 600 });
    const cookies = setCookies(reply.headers);
    expect(cookies.map((line) => line.split('=')[0])).toEqual([DEVICE, ...COOKIES]);
    for (const line of cookies) {
      const attributes = line.split('; ').slice(1);
      expect(attributes).toEqual(expect.arrayContaining(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict']));
      expect(line).toMatch(/Max-Age=(600|2592000|7776000);/);
      expect(line).not.toContain('Domain');
    }
  });

  it.each([
    ['nothing', {}],
    ['another origin', { Origin: ELSEWHERE }],
    ['the null origin', { Origin: 'null' }],
    ['another site', { Origin: 'http://127.0.0.1:3000', 'Sec-Fetch-Site': 'cross-site' }],
  ])('is refused when the browser says %s: nobody logs a visitor in as somebody else', async (_what, headers) => {
    const before = await sessions();
    const reply = await accounts.call('post', '/auth/login').set(headers).send(body).expect(403);
    expect(reply.body).toMatchObject({ code: 'csrf-refused' });
    expect(setCookies(reply.headers)).toEqual([]);
    expect(await sessions()).toEqual(before);
  });

  it('is renewed by its cookie, with the same token for all tabs', async () => {
    const page = await LoggedInPage.of(accounts, 'anna@example.com');
    const [old, token] = [page.cookie('__Host-purser-refresh'), page.csrfToken];
    const reply = await page.forged('post', '/auth/refresh').set(ownPage(accounts)).expect(200);
    page.take(reply);
    expect(reply.body).toEqual({ csrfToken: token, expiresIn: 600 });
    expect(page.cookie('__Host-purser-refresh')).not.toBe(old);
    await page.send('patch', '/users/me').send({ displayName: 'Anna' }).expect(200);
  });

  it('is renewed after the access cookie has gone, and after the page has lost its token', async () => {
    const page = await LoggedInPage.of(accounts, 'anna@example.com');
    const [, , refresh] = COOKIES;
    const cookie = `${refresh}=${page.cookie(refresh)}`;
    const reply = await accounts
      .call('post', '/auth/refresh')
      .set({ ...ownPage(accounts), Cookie: cookie })
      .expect(200);
    page.take(reply);
    await page.send('patch', '/users/me').send({ displayName: 'Anna' }).expect(200);
  });

  it.each([{ Origin: ELSEWHERE }, { Origin: 'null' }, {}])('is not renewed for %j', async (headers) => {
    const page = await LoggedInPage.of(accounts, 'anna@example.com');
    const reply = await page.forged('post', '/auth/refresh').set(headers).expect(403);
    expect(setCookies(reply.headers)).toEqual([]);
    await page.forged('post', '/auth/refresh').set(ownPage(accounts)).expect(200);
  });

  it('ends the session when an old refresh cookie comes back', async () => {
    const page = await LoggedInPage.of(accounts, 'anna@example.com');
    const stolen = page.cookies();
    for (let n = 0; n < 2; n++)
      page.take(await page.forged('post', '/auth/refresh').set(ownPage(accounts)).expect(200));
    await accounts
      .call('post', '/auth/refresh')
      .set({ ...ownPage(accounts), Cookie: stolen })
      .expect(401);
    await page.forged('get', '/users/me').expect(401);
  });

  it('ends by logging out, which takes the cookies back', async () => {
    const page = await LoggedInPage.of(accounts, 'anna@example.com');
    const kept = page.cookies();
    const reply = await page.send('post', '/auth/logout').expect(204);
    page.take(reply);
    expect(page.cookies()).toMatch(new RegExp(`^${DEVICE}=[\\w.-]+$`));
    expect(setCookies(reply.headers)).toHaveLength(COOKIES.length);
    await accounts.call('get', '/users/me').set('Cookie', kept).expect(401);
    await accounts
      .call('post', '/auth/refresh')
      .set({ ...ownPage(accounts), Cookie: kept })
      .expect(401);
  });

  it('ends everywhere at once', async () => {
    const [page, other] = [
      await LoggedInPage.of(accounts, 'anna@example.com'),
      await LoggedInPage.of(accounts, 'anna@example.com'),
    ];
    await page.send('delete', '/users/me/sessions').expect(204);
    for (const one of [page, other]) await one.forged('get', '/users/me').expect(401);
  });
});
