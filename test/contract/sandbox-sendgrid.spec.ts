import { Client } from '@sendgrid/client';
import { type MailDataRequired, MailService } from '@sendgrid/mail';
import type { Message } from '../../tools/sandbox/core/records.js';
import { Rig } from './sandbox.fixture.js';

interface Refusal {
  code: number;
  response: {
    headers: Record<string, string>;
    body: { errors: { message: string; field: string | null; help: string | null }[] };
  };
}

describe('the sandbox, as SendGrid', () => {
  let rig: Rig;
  let mailer: MailService;

  beforeEach(async () => {
    rig = await Rig.start();
    mailer = mailerOf('SG.contract');
  });
  afterEach(() => rig.close());

  /** The address is set after the key, which sets it back. */
  function mailerOf(key: string): MailService {
    const client = new Client();
    if (key.startsWith('SG.')) client.setApiKey(key);
    else client.setDefaultHeader('Authorization', `Bearer ${key}`);
    client.setDefaultRequest('baseUrl', `${rig.url}/`);
    const service = new MailService();
    service.setClient(client);
    return service;
  }

  function aMail(changes: Partial<MailDataRequired> = {}): MailDataRequired {
    return {
      to: 'Ada@shop.example',
      from: { email: 'receipts@shop.example', name: 'The shop' },
      subject: 'Your receipt <7>',
      text: 'Thank you.',
      html: '<p>Thank <b>you</b>.</p>',
      customArgs: { kind: 'payment-receipt', ref: 'p-1' },
      headers: { 'List-Unsubscribe': '<https://shop.example/u>' },
      ...changes,
    };
  }

  async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
    return work.then(
      () => Promise.reject(new Error('SendGrid refused nothing')),
      (error: Refusal) => error,
    );
  }

  const messagesTo = (to: string) => rig.door<Message[]>('GET', `/_sandbox/messages?to=${encodeURIComponent(to)}`);

  async function post(body: unknown, key = 'SG.contract'): Promise<Response> {
    return fetch(`${rig.url}/v3/mail/send`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  it('takes a mail, keeps it whole, and writes it down once', async () => {
    const [response] = await mailer.send(aMail());
    expect(response.statusCode).toBe(202);
    const id = String(response.headers['x-message-id']);
    expect(id).toMatch(/^\w{22}$/);
    expect(await messagesTo('ada@SHOP.example')).toEqual([
      expect.objectContaining({
        to: 'Ada@shop.example',
        from: 'The shop <receipts@shop.example>',
        subject: 'Your receipt <7>',
        text: 'Thank you.',
        html: '<p>Thank <b>you</b>.</p>',
        headers: expect.objectContaining({ 'List-Unsubscribe': '<https://shop.example/u>', kind: 'payment-receipt' }),
        customArgs: { kind: 'payment-receipt', ref: 'p-1' },
        at: expect.stringMatching(/^\d{4}-/),
      }),
    ]);
    expect(await rig.journal()).toMatchObject([
      {
        op: 'mail.send',
        object: id,
        metadata: { kind: 'payment-receipt', ref: 'p-1' },
        outcome: 'accepted',
        amount: null,
      },
    ]);
  });

  it('knows no idempotency: sent twice is received twice', async () => {
    await mailer.send(aMail());
    await mailer.send(aMail());
    expect(await messagesTo('ada@shop.example')).toHaveLength(2);
  });

  it('makes one mail for each personalization and a copy for each recipient', async () => {
    await mailer.sendMultiple(aMail({ to: ['a@shop.example', 'b@shop.example'], cc: 'c@shop.example' }));
    expect(await messagesTo('c@shop.example')).toHaveLength(2);
    expect(await rig.outcomes()).toEqual(['mail.send accepted', 'mail.send accepted']);
    expect(await messagesTo('nobody@shop.example')).toEqual([]);
  });

  it('checks and throws away what is only a trial', async () => {
    const [response] = await mailer.send(aMail({ mailSettings: { sandboxMode: { enable: true } } }));
    expect(response.statusCode).toBe(200);
    expect(await rig.door('GET', '/_sandbox/messages')).toEqual([]);
  });

  it('lets nobody in without a key of its own kind: 401', async () => {
    const error = await refusalOf(mailerOf('XX.contract').send(aMail()));
    expect(error.code).toBe(401);
    expect(error.response.body.errors).toEqual([
      { message: 'The provided authorization grant is invalid, expired, or revoked', field: null, help: null },
    ]);
  });

  const to = [{ to: [{ email: 'a@shop.example' }] }];
  const whole = {
    personalizations: to,
    from: { email: 'shop@shop.example' },
    subject: 'Hello',
    content: [{ type: 'text/plain', value: 'Hello' }],
  };

  it.each([
    ['no recipients', { personalizations: undefined }, 'personalizations'],
    ['an empty to', { personalizations: [{ to: [] }] }, 'personalizations.0.to'],
    ['an address that is none', { personalizations: [{ to: [{ email: 'ada' }] }] }, 'personalizations.0.to.0.email'],
    [
      'the same address twice',
      { personalizations: [{ ...to[0], cc: [{ email: 'A@shop.example' }] }] },
      'personalizations.0',
    ],
    ['no sender', { from: undefined }, 'from'],
    ['a sender that is none', { from: { email: 'shop' } }, 'from.email'],
    ['no subject', { subject: undefined }, 'subject'],
    ['no content', { content: undefined }, 'content'],
    ['an empty content', { content: [{ type: 'text/plain', value: '' }] }, 'content.0.value'],
    [
      'text after HTML',
      {
        content: [
          { type: 'text/html', value: '<p>' },
          { type: 'text/plain', value: 'x' },
        ],
      },
      'content',
    ],
    ['a reserved header', { headers: { Received: 'x' } }, 'headers'],
  ])('refuses %s: 400 with the field', async (_what, changes, field) => {
    const reply = await post({ ...whole, ...changes });
    expect(reply.status).toBe(400);
    const { errors } = (await reply.json()) as Refusal['response']['body'];
    expect(errors).toEqual([
      { field, message: expect.any(String), help: expect.stringContaining('errors.html#message.') },
    ]);
    expect(await rig.outcomes()).toEqual(['mail.send rejected']);
    expect((await post(whole)).status).toBe(202);
  });

  it('loses its reply, is too busy, or breaks, as told', async () => {
    await rig.arm({ op: 'mail.send', effect: 'dropReply', times: 1 });
    await expect(mailer.send(aMail())).rejects.toThrow('socket hang up');
    expect(await messagesTo('ada@shop.example')).toHaveLength(1);
    await rig.arm({ op: 'mail.send', effect: 'status', status: 429, times: 1, retryAfter: 3 });
    const busy = await refusalOf(mailer.send(aMail()));
    expect(busy.code).toBe(429);
    expect(busy.response.headers).toMatchObject({ 'retry-after': '3', 'x-ratelimit-remaining': '0' });
    await rig.arm({ op: 'mail.send', effect: 'stored500', times: 1 });
    expect((await refusalOf(mailer.send(aMail()))).code).toBe(500);
    expect(await messagesTo('ada@shop.example')).toHaveLength(2);
    expect(await rig.outcomes()).toEqual(['mail.send accepted', 'mail.send rejected', 'mail.send accepted']);
  });

  it('shows a mailbox that loads nothing from elsewhere and runs nothing of a mail', async () => {
    await mailer.send(
      aMail({ to: 'first@shop.example', html: '<script>alert(1)</script><img src="http://x.example/p.png">' }),
    );
    await mailer.send(aMail({ to: 'second@shop.example', subject: 'Second' }));
    const reply = await fetch(`${rig.url}/mailbox`);
    expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await reply.text();
    expect(page.indexOf('second@shop.example')).toBeLessThan(page.indexOf('first@shop.example'));
    expect(page).toContain('Your receipt &lt;7&gt;');
    expect(page).toContain('<iframe sandbox=');
    expect(page).not.toContain('<script>alert');
    expect(page).not.toMatch(/<(link|script|img)[^>]+(src|href)="http/);
    const filtered = await (await fetch(`${rig.url}/mailbox?to=FIRST`)).text();
    expect(filtered).not.toContain('second@shop.example');
  });

  it('keeps its messages over a restart', async () => {
    await mailer.send(aMail());
    await rig.restart();
    expect(await messagesTo('ada@shop.example')).toHaveLength(1);
  });

  it('takes pushes too, and writes them down', async () => {
    const send = () => fetch(`${rig.url}/push/sub-1`, { method: 'POST', headers: { ttl: '60' }, body: 'sealed' });
    expect((await send()).status).toBe(201);
    await rig.arm({ op: 'push.send', effect: 'status', status: 410 });
    expect((await send()).status).toBe(410);
    expect(await rig.door('GET', '/_sandbox/pushes')).toMatchObject([
      { subscription: 'sub-1', bytes: 6, headers: { ttl: '60' } },
    ]);
    expect(await rig.outcomes()).toEqual(['push.send accepted', 'push.send rejected']);
  });
});
