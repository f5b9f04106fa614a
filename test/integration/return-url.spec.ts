import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isPublicAddress, isPublicUrl } from '../../src/shared/public-url.js';
import { newKey } from '../support/client.js';
import { Gate, type Person } from './gate.support.js';

const NOBODYS_ID = '0190a1b2-0000-7000-8000-00000000dead';

/** Where an attacker would like us, or our provider, to go. `PORT` is a server that tells when somebody comes. */
const HOSTILE: readonly string[] = [
  'http://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/',
  'https://127.0.0.1/',
  'https://127.1/',
  'https://127.0.1/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.0.0.1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://0/',
  'https://0.0.0.0/',
  'https://[::]/',
  'https://[::1]/',
  'https://[::1]:PORT/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::127.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[64:ff9b::169.254.169.254]/',
  'https://[64:ff9b:1::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[2001:0:7f00:1::]/',
  'https://[fe80::1]/',
  'https://[fc00::1]/',
  'https://[fd00:ec2::254]/latest/meta-data/',
  'https://[ff02::1]/',
  'https://169.254.169.254/latest/meta-data/',
  'http://169.254.169.254/latest/meta-data/',
  'https://169.254.170.2/v2/credentials',
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://100.64.0.1/',
  'https://198.18.0.1/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://localhost/',
  'https://localhost./',
  'https://LOCALHOST:PORT/',
  'https://shop.localhost/',
  'https://metadata.google.internal/',
  'https://printer.local/',
  'https://redis/',
  'https://redis:6379/',
  'https://shop.example:8443/',
  'https://①②⑦.⓪.⓪.①/',
  'https://user:secret@shop.example/',
  'https://shop.example@127.0.0.1/',
  'http://shop.example/',
  'ftp://shop.example/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:PORT/_FLUSHALL',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '//127.0.0.1:PORT/',
  'https:127.0.0.1',
  'https://',
  '',
];

const HARMLESS = [
  'https://shop.example/thanks',
  'https://shop.example:443/thanks?order=1#paid',
  'https://xn--bcher-kva.example/',
  'https://93.184.215.14/',
  'https://[2606:4700::1111]/',
];

describe(`a return address (${HOSTILE.length} hostile ones)`, () => {
  let gate: Gate;
  let anna: Person;
  let canary: Server;
  let visits = 0;

  beforeAll(async () => {
    canary = createServer((_request, response) => {
      visits += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => canary.once('listening', resolve));
    gate = await Gate.open({ env: { BROWSER_ORIGINS: 'http://pages.local:5173' } });
    anna = await gate.person();
  });

  afterAll(async () => {
    await gate.close();
    await new Promise((resolve) => canary.close(resolve));
  });

  const armed = (url: string) => url.replace('PORT', String((canary.address() as AddressInfo).port));

  const payWith = (returnUrl: string) =>
    anna.client.post(`/v1/orders/${NOBODYS_ID}/payments`, {
      key: newKey(),
      body: { paymentMethod: 'card', paymentMethodId: 'pm_card_visa', returnUrl },
    });

  it.each(HOSTILE)('is refused when it is %s, without a word about our network', async (url) => {
    expect(isPublicUrl(armed(url))).toBe(false);
    const { status, body, text } = await payWith(armed(url));
    expect([status, body.code, body.errors?.map(({ pointer }) => pointer)]).toEqual([
      400,
      'invalid-request',
      ['#/returnUrl'],
    ]);
    expect(text).not.toMatch(/ECONN|refused|timeout|resolve|169\.254|127\.0/i);
  });

  it('is taken when it leads to the public web, or back to us (control)', async () => {
    for (const url of [...HARMLESS, 'http://127.0.0.1:1/back', 'http://pages.local:5173/thanks']) {
      // The address is looked at first, and then the order, which nobody has.
      expect([url, (await payWith(url)).body.code]).toEqual([url, 'order-not-found']);
    }
  });

  it('made nobody come to us, and left nothing', async () => {
    expect(visits).toBe(0);
    await fetch(armed('http://127.0.0.1:PORT/'));
    expect(visits).toBe(1);
    const [kept] = await gate.db.query<{ n: string }>(
      'SELECT (SELECT count(*) FROM payments) + (SELECT count(*) FROM idempotency_keys) AS n',
    );
    expect(Number(kept?.n)).toBe(0);
  });

  it('is judged by its address alone where there is one', () => {
    const addresses = ['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '10.1.2.3', 'fe80::1%eth0', 'shop.example', ''];
    expect(addresses.map(isPublicAddress)).toEqual([true, true, false, false, false, false, false]);
  });
});
