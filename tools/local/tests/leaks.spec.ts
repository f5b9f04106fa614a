import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { kindsIn, leaksIn } from '../leaks.mjs';

const SECRETS = {
  'an e-mail address': 'no letter to ada@shop.example',
  'an access token': 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  'a refresh token': `0190a1b2-0000-7000-8000-00000000dead.3.${'x'.repeat(43)}`,
  'a mailed link': 'GET /v1/auth/verify-email?token=0190a1b2.1790000000.abc',
  'a key of Stripe': 'Invalid API Key: sk_live_51Habcdefgh',
  'a key of SendGrid': 'SG.abcdefgh.ijklmnop',
  'a card number': 'paid with 4242 4242 4242 4242',
  'a password hash': '$argon2id$v=19$m=19456',
  'a password': '{"password":"purser-test-2026"}',
  'a connection with its password': 'connect to postgres://app:secret@127.0.0.1:5432/purser',
};

const HARMLESS = [
  '{"level":"INFO","time":"2026-11-26T06:24:34.123Z","route":"/v1/orders/:id","status":200,"ms":12.3}',
  '{"userId":"0190a1b2-0000-7000-8000-00000000dead","paymentId":"pi_3PqrstuvwXYZ","requestId":"my-id.1"}',
  'connect ECONNREFUSED 127.0.0.1:5432 at Socket (node_modules/pg@8/lib/client.js:54:7)'.replace('@8', ''),
];

describe('what no log may hold', () => {
  it.each(Object.entries(SECRETS))('is seen: %s', (what, line) => {
    expect(kindsIn(line)).toContain(what);
  });

  it.each(HARMLESS)('is not seen where it is not: %s', (line) => {
    expect(kindsIn(line)).toEqual([]);
  });

  it('is looked for in what the product wrote just now, and told without being repeated', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'purser leaks '));
    try {
      fs.mkdirSync(path.join(folder, 'story-1'));
      const file = path.join(folder, 'story-1', 'web-1.log');
      fs.writeFileSync(file, `${HARMLESS[0]}\n${SECRETS['an e-mail address']}\n`);
      fs.writeFileSync(path.join(folder, 'story-1', 'sandbox.log'), SECRETS['a card number']);
      expect(leaksIn(folder)).toEqual({ files: 1, leaks: [{ file, line: 2, what: 'an e-mail address' }] });
      expect(leaksIn(folder, { since: Date.now() + 60_000 })).toEqual({ files: 0, leaks: [] });
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
