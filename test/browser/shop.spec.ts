import type { Browser, Page } from 'playwright-core';
import { inWindow, startBrowser } from '../support/browser.js';
import { type Client, expectStatus, newKey, type ReplyBody } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { PASSWORD } from '../support/shop-environment.js';
import { CheckoutPage } from './checkout.page.js';
import { SwaggerPage } from './swagger.page.js';

jest.setTimeout(300_000);

let shop: RunningShop;
let browser: Browser;
let anna: Client;
/** Where the shop's own pages are, and where its customers come back to. */
let origin: string;

beforeAll(async () => {
  [shop, browser] = await Promise.all([startShop({ proxied: true }), startBrowser()]);
  origin = shop.webs[0] ?? '';
  anna = await shop.as('anna@purser.test');
});

afterAll(async () => {
  await browser?.close();
  await shop?.stop();
});

afterEach(async () => {
  await shop.quiet();
  expect(await shop.violations()).toEqual({});
});

const story = (tell: Parameters<typeof inWindow>[1]) => inWindow(() => browser, tell);

/** A pending order of Anna's, and its payment by a card that Stripe.js is to ask for. */
async function payWithoutMethod(): Promise<{ orderId: string; clientSecret: string }> {
  const { id: orderId } = await shop.order(anna);
  const reply = await anna.post(`/v1/orders/${orderId}/payments`, { key: newKey(), body: { paymentMethod: 'card' } });
  const { status, nextAction } = expectStatus(reply, 201).body;
  expect([status, nextAction?.type]).toEqual(['requires_action', 'confirm']);
  return { orderId, clientSecret: nextAction?.clientSecret ?? '' };
}

/** Anna's order at the sandbox's checkout, with a way back to us. */
function checkOut(page: Page, clientSecret: string, card: string): Promise<void> {
  return new CheckoutPage(page).pay({ sandbox: shop.sandbox.url, clientSecret, returnUrl: `${origin}/`, card });
}

async function untilCompleted(orderId: string): Promise<void> {
  const isCompleted = async () => (await shop.orderStatus(orderId)) === 'completed';
  await shop.waitUntil(isCompleted, { what: 'the order to be completed' });
  expect(await shop.sandbox.captures({ orderId })).toHaveLength(1);
}

describe('Swagger UI', () => {
  it(
    'logs in, authorizes, orders and pays by "Try it out"; the mailbox page shows the confirmation and the receipt',
    story(async (page, complaints) => {
      const { id: productId } = await shop.product({ unitAmount: 2_350 });
      const swagger = await SwaggerPage.open(page, origin);
      const body = { email: 'anna@purser.test', password: PASSWORD };
      const session = await swagger.tryOut('POST /v1/auth/login', { body });
      expect(session.status).toBe('200');
      await swagger.authorize(String(session.body.accessToken));
      const order = await swagger.tryOut('POST /v1/orders', {
        parameters: { 'Idempotency-Key': newKey() },
        body: { items: [{ productId, quantity: 2 }] },
      });
      expect(order).toMatchObject({ status: '201', body: { status: 'pending', totalAmount: 4_700 } });
      const orderId = String(order.body.id);
      const payment = await swagger.tryOut('POST /v1/orders/{id}/payments', {
        parameters: { id: orderId, 'Idempotency-Key': newKey() },
        body: { paymentMethod: 'card', paymentMethodId: 'pm_card_visa' },
      });
      expect(payment).toMatchObject({ status: '201', body: { orderId, status: 'succeeded' } });
      await untilCompleted(orderId);
      await page.goto(`${shop.sandbox.url}/mailbox?to=anna@purser.test`);
      const ofOrder = page.locator('details').filter({ hasText: orderId });
      await ofOrder.nth(1).waitFor(); // The page finds new mail by itself, but not while somebody reads one.
      for (const subject of ['We received your order', 'Your receipt']) {
        const mail = ofOrder.filter({ hasText: subject });
        await mail.locator('summary').click();
        await mail.frameLocator('iframe').getByText('47.00 USD').first().waitFor();
      }
      expect(complaints).toEqual([]);
    }),
  );

  it(
    'would not pass if the page were refused something by its own policy',
    story(async (page, complaints) => {
      await SwaggerPage.open(page, origin);
      await page.evaluate(`document.body.append(Object.assign(document.createElement('script'), { text: '1' }))`);
      await shop.waitUntil(() => complaints.length > 0, { what: 'the complaint' });
      expect(complaints.join()).toContain('Content Security Policy');
    }),
  );
});

describe('The root page', () => {
  it(
    'shows where things are, and how they are while they stop and come back',
    story(async (page, complaints) => {
      const health = (part: string) => page.locator(`dd[data-part="${part}"]`);
      const overall = page.locator('#health');
      await page.goto(origin);
      await overall.getByText('Ready', { exact: true }).waitFor();
      for (const part of ['database', 'migrations', 'lifecycle', 'redis', 'worker']) {
        expect(await health(part).innerText()).toBe('up');
      }
      const links = await page
        .locator('a:not([href="/admin/queues"])')
        .evaluateAll((all) => all.map((link) => (link as { href: string }).href));
      expect(links.length).toBeGreaterThanOrEqual(6);
      for (const link of links) expect([link, (await page.request.get(link)).status()]).toEqual([link, 200]);
      expect(complaints).toEqual([]);

      shop.proxies?.redis.become('refuse');
      await health('redis').getByText('degraded').waitFor();
      await overall.getByText('Ready, with something missing').waitFor();
      shop.proxies?.redis.become('pass');
      await health('redis').getByText('up', { exact: true }).waitFor();

      await shop.kill('worker');
      await health('worker').getByText('none is heard').waitFor();
      await shop.start('worker');
      await health('worker').getByText('up', { exact: true }).waitFor();

      shop.proxies?.database.become('refuse');
      await health('database').getByText('down').waitFor();
      await overall.getByText('Not ready').waitFor();
      shop.proxies?.database.become('pass');
      await overall.getByText('Ready', { exact: true }).waitFor();
    }),
  );
});

describe('A card without a payment method', () => {
  it.each([
    { by: 'the webhook', webhooks: {} },
    { by: 'the poll, when no webhook arrives', webhooks: { lose: 1 } },
  ])('is confirmed on a page with the client secret, and settled by $by', async ({ webhooks }) => {
    await shop.sandbox.webhooks(webhooks);
    await story(async (page, complaints) => {
      const { orderId, clientSecret } = await payWithoutMethod();
      await checkOut(page, clientSecret, 'pm_card_visa');
      await page.waitForURL(`${origin}/?*redirect_status=succeeded`);
      await untilCompleted(orderId);
      expect(complaints).toEqual([]);
    })();
    await shop.sandbox.webhooks({});
  });

  it(
    'goes through the bank and back where the bank asks',
    story(async (page, complaints) => {
      const { orderId, clientSecret } = await payWithoutMethod();
      await checkOut(page, clientSecret, 'pm_card_authenticationRequired');
      await page.getByRole('button', { name: 'Complete' }).click();
      await page.waitForURL(`${origin}/?*redirect_status=succeeded`);
      await untilCompleted(orderId);
      expect(complaints).toEqual([]);
    }),
  );

  it(
    'is told that the card was declined, and the order can be paid with another',
    story(async (page) => {
      const { orderId, clientSecret } = await payWithoutMethod();
      await checkOut(page, clientSecret, 'pm_card_chargeDeclined');
      await page.getByText('Your card was declined.').waitFor();
      const isFailed = async () => (await shop.payments(orderId))[0]?.status === 'failed';
      await shop.waitUntil(isFailed, { what: 'the refusal' });
      expectStatus(await anna.pay(orderId), 201);
      await untilCompleted(orderId);
    }),
  );

  it(
    'is not confirmed with a secret that is not its own',
    story(async (page) => {
      const { orderId, clientSecret } = await payWithoutMethod();
      await page.goto(`${shop.sandbox.url}/checkout?client_secret=${clientSecret}x`);
      await page.getByText('client_secret provided does not match').waitFor();
      expect(await page.getByRole('button', { name: 'Pay' }).isVisible()).toBe(false);
      expect(await shop.orderStatus(orderId)).toBe('pending');
    }),
  );
});

describe('3-D Secure', () => {
  async function payAndBeSent(page: Page): Promise<ReplyBody> {
    const { id: orderId } = await shop.order(anna);
    const payment = { card: 'pm_card_authenticationRequired', returnUrl: `${origin}/` };
    const { body } = expectStatus(await anna.pay(orderId, payment), 201);
    expect([body.status, body.nextAction?.type]).toEqual(['requires_action', 'redirect']);
    await page.goto(body.nextAction?.url ?? '');
    await page.getByText('$14.90').waitFor();
    return body;
  }

  it(
    'sends the customer to the bank and back, and the order is completed',
    story(async (page, complaints) => {
      const { orderId } = await payAndBeSent(page);
      await page.getByRole('button', { name: 'Complete' }).click();
      await page.waitForURL(`${origin}/?*redirect_status=succeeded`);
      await untilCompleted(orderId);
      expect(complaints).toEqual([]);
    }),
  );

  it(
    'comes back without the money when the bank says no',
    story(async (page) => {
      const { orderId } = await payAndBeSent(page);
      await page.getByRole('button', { name: 'Fail' }).click();
      await page.waitForURL(`${origin}/?*redirect_status=failed`);
      const isFailed = async () => (await shop.payments(orderId))[0]?.status === 'failed';
      await shop.waitUntil(isFailed, { what: 'the refusal' });
      expect([await shop.orderStatus(orderId), await shop.sandbox.captures({ orderId })]).toEqual(['pending', []]);
    }),
  );
});

describe('The link of the welcome mail', () => {
  it(
    'opens from the mailbox page, and confirms the address by its button, not by being opened',
    story(async (page, complaints) => {
      const account = { email: 'dora@example.test', password: 'a long enough password' };
      const logIn = async () => (await shop.visitor.post('/v1/auth/login', { body: account })).status;
      expectStatus(await shop.visitor.post('/v1/auth/register', { body: account }), 202);
      await page.goto(`${shop.sandbox.url}/mailbox?to=${account.email}`);
      const mail = page.locator('details').filter({ hasText: 'Welcome' });
      await mail.locator('summary').click();
      const [opened] = await Promise.all([
        page.waitForEvent('popup'),
        mail.frameLocator('iframe').getByRole('link').first().click(),
      ]);

      await opened.getByRole('button', { name: 'Confirm' }).waitFor();
      expect(opened.url()).not.toContain('token');
      expect(await logIn()).toBe(401);
      await opened.getByRole('button', { name: 'Confirm' }).click();
      await opened.getByText('Your address is confirmed. You can log in now.').waitFor();
      expect(await logIn()).toBe(200);
      expect(complaints).toEqual([]);
    }),
  );
});
