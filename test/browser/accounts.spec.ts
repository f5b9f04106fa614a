import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { inWindow, startBrowser } from '../support/browser.js';
import { expectStatus } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { PASSWORD } from '../support/shop-environment.js';

jest.setTimeout(300_000);

const NEW_PASSWORD = 'a new horse, another battery';

let shop: RunningShop;
let browser: Browser;

beforeAll(async () => {
  [shop, browser] = await Promise.all([startShop(), startBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await shop?.stop();
});

const story = (tell: Parameters<typeof inWindow>[1]) => inWindow(() => browser, tell);

/** Opens the link of the letter of this subject: whoever reads the mail of `to` does. */
async function open(page: Page, to: string, subject: string): Promise<void> {
  const letter = await shop.waitUntil(
    async () => (await shop.sandbox.messages(to)).find((message) => message.subject === subject),
    { what: `“${subject}” to ${to}` },
  );
  const [link = ''] = /http\S+token=\S+/.exec(letter.text) ?? [];
  await page.goto(link);
  expect(page.url()).not.toContain('token');
}

async function statusOfLogin(email: string, password: string): Promise<number> {
  return (await shop.visitor.post('/v1/auth/login', { body: { email, password } })).status;
}

describe('The link in a letter', () => {
  it(
    'sets a new password, once, and logs everybody else out',
    story(async (page, complaints) => {
      const email = 'anna@purser.test';
      const anna = await shop.as(email);
      expectStatus(await shop.visitor.post('/v1/auth/forgot-password', { body: { email } }), 202);

      await open(page, email, 'Set a new password');
      await page.getByLabel('New password').fill(NEW_PASSWORD);
      await page.getByRole('button', { name: 'Set it' }).click();
      await page.getByText('Your new password is set, and every device is logged out.').waitFor();

      expect((await anna.get('/v1/users/me')).status).toBe(401);
      expect(await statusOfLogin(email, PASSWORD)).toBe(401);
      expect(await statusOfLogin(email, NEW_PASSWORD)).toBe(200);
      await shop.waitUntil(
        async () => (await shop.sandbox.messages(email)).some(({ subject }) => subject === 'Your password was changed'),
        { what: 'the owner to be told' },
      );
      expect(complaints).toEqual([]);
    }),
  );

  it(
    'gives an account the address it leads to, and the old one is told',
    story(async (page, complaints) => {
      const [email, wanted] = ['ben@purser.test', 'ben.okafor@purser.test'];
      const ben = await shop.as(email);
      const body = { currentPassword: PASSWORD, email: wanted };
      expectStatus(await ben.request('PUT', '/v1/users/me/email', { body }), 202);

      await open(page, wanted, 'Please confirm your new address');
      expect(await statusOfLogin(wanted, PASSWORD)).toBe(401);
      await page.getByRole('button', { name: 'Confirm' }).click();
      await page.getByText('Your address is confirmed. You can log in now.').waitFor();

      expect(await statusOfLogin(wanted, PASSWORD)).toBe(200);
      expect(await statusOfLogin(email, PASSWORD)).toBe(401);
      const told = (await shop.sandbox.messages(email)).map(({ subject }) => subject);
      expect(told).toContain('Your account is to get a new address');
      expect(complaints).toEqual([]);
    }),
  );

  it(
    'gives everything that is known about somebody, as a file',
    story(async (page, complaints) => {
      const email = 'support@purser.test';
      expectStatus(await (await shop.as(email)).post('/v1/users/me/export'), 202);

      await open(page, email, 'Your data');
      const downloading = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Get it' }).click();
      const file = await downloading;
      expect(file.suggestedFilename()).toBe('my-data.json');
      const { records } = JSON.parse(readFileSync(await file.path(), 'utf8')) as { records: Record<string, object[]> };
      expect(records).toMatchObject({ account: [{ email, displayName: 'Purser Support' }], orders: [] });
      await page.getByText('Your data is in the file my-data.json.').waitFor();
      expect(complaints).toEqual([]);
    }),
  );
});
