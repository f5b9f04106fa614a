import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { inWindow, startBrowser } from '../support/browser.js';
import { expectStatus } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { PASSWORD } from '../support/shop-environment.js';
import { LoginPage } from './login.page.js';

jest.setTimeout(300_000);

const ADMIN = 'admin@purser.test';
const ANNA = 'anna@purser.test';
/** What a browser says of its own on the console when a page asks something that is refused. */
const REFUSED = /^Failed to load resource: the server responded with a status of 40[013]/;

let shop: RunningShop;
let browser: Browser;
let elsewhere: Server;
let origin: string;

beforeAll(async () => {
  [shop, browser] = await Promise.all([startShop(), startBrowser()]);
  origin = shop.webs[0] ?? '';
  elsewhere = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Elsewhere</title><h1>You have won</h1>');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await browser?.close();
  elsewhere?.close();
  await shop?.stop();
});

const story = (tell: Parameters<typeof inWindow>[1]) => inWindow(() => browser, tell);

/** The open sessions of somebody, and the name they are known by: what a forgery would change. */
async function stateOf(email: string): Promise<unknown> {
  return shop.query(
    `SELECT u.display_name, count(s.id) FROM users u
       LEFT JOIN sessions s ON s.user_id = u.id AND s.revoked_at IS NULL
      WHERE u.email = $1 GROUP BY u.id`,
    [email],
  );
}

const visitElsewhere = async (page: Page, host: string): Promise<void> => {
  const { port } = elsewhere.address() as AddressInfo;
  await page.goto(`http://${host}:${port}/`);
};

/** What a page elsewhere can try: forms of every encoding, and scripts with the visitor's cookies. */
const ATTACKS = {
  form: (path: string, enctype: string) => `(() => {
    const form = Object.assign(document.createElement('form'), { method: 'POST', action: '${path}', enctype: '${enctype}' });
    form.append(Object.assign(document.createElement('input'), { name: '{"displayName":"Mallory","x":"', value: '"}' }));
    document.body.append(form);
    form.submit();
  })()`,
  script: (path: string, options: string) =>
    `fetch('${path}', { credentials: 'include', ${options} }).then((reply) => reply.type + ' ' + reply.status, () => 'refused by the browser')`,
};

describe('A session in a browser', () => {
  it(
    'begins on the login page, and opens the queue board to an admin',
    story(async (page, complaints) => {
      await page.goto(`${origin}/admin/queues`);
      expect(await page.content()).toContain('unauthenticated');

      const login = await LoginPage.open(page, origin);
      await login.enter(ADMIN, 'a wrong password');
      await page.getByText('Login refused').waitFor();
      await login.logIn(ADMIN, PASSWORD);
      expect(await page.evaluate('document.cookie')).toBe('');

      await page.getByRole('link', { name: 'Queue board' }).click();
      await page.getByText('mailer').first().waitFor();
      await page.getByText('notifications').first().waitFor();
      expect(page.url()).toContain(`${origin}/admin/queues`);
      expect(complaints.filter((one) => !REFUSED.test(one))).toEqual([]);
    }),
  );

  it(
    'begins with a code as well, where the account asks for one',
    story(async (page) => {
      const email = 'ben@purser.test';
      const ben = await shop.as(email);
      const offered = expectStatus(await ben.post('/v1/users/me/mfa', { body: { currentPassword: PASSWORD } }), 201);
      const { secret, recoveryCodes } = JSON.parse(offered.text) as { secret: string; recoveryCodes: string[] };
      const code = new TOTP({ secret }).generate();
      expectStatus(await ben.post('/v1/users/me/mfa/confirm', { body: { code } }), 204);

      const login = await LoginPage.open(page, origin);
      await login.enter(email, PASSWORD);
      await page.getByText('A second factor is needed').waitFor();
      await page.getByLabel('Code').fill(code);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByText('The code is not right').waitFor();
      await page.getByLabel('Code').fill(recoveryCodes[0] ?? '');
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByText(`You are logged in as ${email}.`).waitFor();
      expect(await login.status('/v1/users/me')).toBe(200);
    }),
  );

  it(
    'does not open the board to anybody else',
    story(async (page) => {
      const login = await LoginPage.open(page, origin);
      await login.logIn(ANNA, PASSWORD);
      expect(await page.getByRole('link', { name: 'Queue board' }).isVisible()).toBe(false);
      expect((await page.goto(`${origin}/admin/queues`))?.status()).toBe(403);
    }),
  );

  it(
    'is kept when the page is loaded anew, and ends with its logout',
    story(async (page) => {
      const login = await LoginPage.open(page, origin);
      await login.logIn(ANNA, PASSWORD);
      await login.load();
      expect(await login.isLoggedIn()).toBe(true);
      expect(await login.status('/v1/users/me')).toBe(200);
      await login.press('Log out');
      expect(await login.status('/v1/users/me')).toBe(401);
      const left = (await page.context().cookies()).map(({ name }) => name);
      expect(left.filter((name) => /access|refresh|csrf/.test(name))).toEqual([]);
    }),
  );

  it(
    'ends in every window when one says "Log out everywhere"',
    story(async (page) => {
      const here = await LoginPage.open(page, origin);
      await here.logIn(ADMIN, PASSWORD);
      await story(async (other) => {
        const there = await LoginPage.open(other, origin);
        await there.logIn(ADMIN, PASSWORD);
        expect(await there.status('/admin/queues')).toBe(200);
        await here.press('Log out everywhere');
        expect(await there.status('/admin/queues')).toBe(401);
        await there.load();
        expect(await there.isLoggedIn()).toBe(false);
      })();
      await here.load();
      expect(await here.isLoggedIn()).toBe(false);
    }),
  );
});

describe('A page of another origin', () => {
  // A port is no part of a site: to a page on another port of this machine the browser gives the cookies, SameSite or not.
  it.each(['127.0.0.1', 'localhost'])('on %s gets nothing done with the cookies of its visitor', (host) =>
    story(async (page) => {
      const login = await LoginPage.open(page, origin);
      await login.logIn(ANNA, PASSWORD);
      const before = await stateOf(ANNA);

      for (const path of ['/v1/auth/logout', '/v1/auth/refresh', '/v1/orders']) {
        for (const enctype of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
          await visitElsewhere(page, host);
          const answer = page.waitForResponse(`${origin}${path}`);
          await page.evaluate(ATTACKS.form(`${origin}${path}`, enctype));
          await page.waitForURL(`${origin}${path}`);
          expect([path, enctype, (await answer).status()]).toEqual([path, enctype, 415]);
          expect(await stateOf(ANNA)).toEqual(before);
        }
      }

      await visitElsewhere(page, host);
      // These need no leave: they are sent, and only what comes back is kept from the page.
      for (const path of ['/v1/auth/logout', '/v1/auth/refresh']) {
        const sent = page.waitForRequest(`${origin}${path}`);
        await page.evaluate(ATTACKS.script(`${origin}${path}`, `method: 'POST', mode: 'no-cors'`));
        expect((await sent).method()).toBe('POST');
        expect(await stateOf(ANNA)).toEqual(before);
      }

      // These the browser asks leave for, and is given none.
      const json = `headers: { 'Content-Type': 'application/json' }, body: '{"displayName":"Mallory"}'`;
      for (const options of [`method: 'PATCH', ${json}`, `method: 'DELETE'`, `method: 'POST', ${json}`]) {
        const refused = await page.evaluate(ATTACKS.script(`${origin}/v1/users/me`, options));
        expect([options, refused]).toEqual([options, 'refused by the browser']);
      }
      expect(await page.evaluate(ATTACKS.script(`${origin}/v1/users/me`, `method: 'GET'`))).toBe(
        'refused by the browser',
      );
      expect(await stateOf(ANNA)).toEqual(before);

      await login.load();
      expect(await login.isLoggedIn()).toBe(true);
      await login.press('Log out');
      expect(await stateOf(ANNA)).not.toEqual(before);
    })(),
  );
});
