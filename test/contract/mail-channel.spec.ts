import { type AddressInfo, createServer } from 'node:net';
import type { Message, SendOutcome } from '../../src/domains/notifications/channels/channel.js';
import { EmailChannel } from '../../src/domains/notifications/channels/email.channel.js';
import { readConfig } from '../../src/platform/config/config.js';
import type { Message as Delivered } from '../../tools/sandbox/core/records.js';
import { guardsOf } from '../support/provider-guards.js';
import { Rig } from './sandbox.fixture.js';

const KEY = 'SG.contract-key.never-to-be-told';
const TO = 'ada@shop.example';

function channelTo(url: string, settings: Record<string, string> = {}): EmailChannel {
  const environment = {
    APP_ENV: 'test',
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    REDIS_URL: 'redis://127.0.0.1:1',
    SENDGRID_API_KEY: KEY,
    SENDGRID_API_URL: url,
    SENDGRID_TIMEOUT_MS: '2000',
    MAIL_FROM: 'shop@shop.example',
  };
  const config = readConfig({ ...environment, ...settings });
  return new EmailChannel(config, guardsOf(config));
}

function aMessage(changes: Partial<Message> = {}): Message {
  const notification = { id: 'n-1', kind: 'welcome', factId: 'f-1' } as const;
  const letter = { to: TO, subject: 'Welcome', html: '<p>{{kept}} <b>hello</b></p>', text: '{{kept}} hello' };
  return { notification, ...letter, ...changes };
}

describe('the mail channel, over SendGrid’s own SDK', () => {
  let rig: Rig;
  let channel: EmailChannel;

  beforeEach(async () => {
    rig = await Rig.start();
    channel = channelTo(rig.url);
  });
  afterEach(() => rig.close());

  const mailbox = () => rig.door<Delivered[]>('GET', '/_sandbox/messages');

  /** Whatever happened, nobody may read the key or the address from it. */
  async function outcomeOf(message = aMessage()): Promise<SendOutcome> {
    const outcome = await channel.send(message);
    expect(JSON.stringify(outcome)).not.toMatch(/never-to-be-told|@/);
    return outcome;
  }

  it('hands a mail over once, with both forms, its notification and its fact', async () => {
    const outcome = await outcomeOf();
    const [mail, ...more] = await mailbox();
    expect(more).toEqual([]);
    expect(mail).toMatchObject({
      to: TO,
      from: 'shop@shop.example',
      subject: 'Welcome',
      html: '<p>{{kept}} <b>hello</b></p>',
      text: '{{kept}} hello',
      headers: { 'X-Purser-Notification': 'n-1' },
      customArgs: { notificationId: 'n-1', kind: 'welcome', factId: 'f-1' },
    });
    expect(outcome).toEqual({ kind: 'accepted', messageId: mail?.headers['X-Message-Id'] });
    expect(await rig.outcomes()).toEqual(['mail.send accepted']);
  });

  it('is refused for good when the address is none', async () => {
    expect(await outcomeOf(aMessage({ to: 'nobody' }))).toMatchObject({ kind: 'refused', isPermanent: true });
    expect(await mailbox()).toEqual([]);
  });

  it.each([400, 413])('is refused for good by %i', async (status) => {
    await rig.arm({ op: 'mail.send', effect: 'status', status });
    expect(await outcomeOf()).toMatchObject({ kind: 'refused', isPermanent: true });
  });

  it.each([401, 403])('is refused for now by %i', async (status) => {
    await rig.arm({ op: 'mail.send', effect: 'status', status });
    expect(await outcomeOf()).toMatchObject({ kind: 'refused', isPermanent: false, retryAfterMs: null });
  });

  it('is told by a 429 how long to wait', async () => {
    await rig.arm({ op: 'mail.send', effect: 'status', status: 429, retryAfter: 7 });
    expect(await outcomeOf()).toMatchObject({ kind: 'refused', isPermanent: false, retryAfterMs: 7_000 });
  });

  it('is refused for now with a key nobody issued', async () => {
    channel = channelTo(rig.url, { SENDGRID_API_KEY: 'not-a-sendgrid-key' });
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect(await outcomeOf()).toMatchObject({ kind: 'refused', isPermanent: false });
    jest.restoreAllMocks();
  });

  it('does not know after a 500, whether the mail went out or not', async () => {
    await rig.arm({ op: 'mail.send', effect: 'stored500', times: 1 });
    expect(await outcomeOf()).toMatchObject({ kind: 'unknown' });
    expect(await mailbox()).toHaveLength(1);
    await rig.arm({ op: 'mail.send', effect: 'status', status: 503 });
    expect(await outcomeOf()).toMatchObject({ kind: 'unknown' });
    expect(await mailbox()).toHaveLength(1);
  });

  it('does not know when the reply is lost, and the mail went out', async () => {
    await rig.arm({ op: 'mail.send', effect: 'dropReply' });
    expect(await outcomeOf()).toMatchObject({ kind: 'unknown' });
    expect(await mailbox()).toHaveLength(1);
  });

  it('does not know when the connection is cut before', async () => {
    await rig.arm({ op: 'mail.send', effect: 'reset' });
    expect(await outcomeOf()).toMatchObject({ kind: 'unknown' });
    expect(await mailbox()).toEqual([]);
  });

  it('stops waiting for a reply that does not come in time', async () => {
    channel = channelTo(rig.url, { SENDGRID_TIMEOUT_MS: '150' });
    await rig.arm({ op: 'mail.send', effect: 'delay', ms: 5_000, after: true });
    const before = Date.now();
    expect(await outcomeOf()).toMatchObject({ kind: 'unknown' });
    expect(Date.now() - before).toBeLessThan(4_500);
  });

  it('stops waiting for a reply that comes byte by byte', async () => {
    const dripping = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 1000\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 30);
      socket.on('close', () => clearInterval(drip));
    });
    await new Promise<void>((resolve) => dripping.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(dripping.address() as AddressInfo).port}`;
    channel = channelTo(url, { SENDGRID_TIMEOUT_MS: '200' });
    const before = Date.now();
    expect(await outcomeOf()).toMatchObject({ kind: 'unknown' });
    expect(Date.now() - before).toBeLessThan(10_000);
    await new Promise((resolve) => dripping.close(resolve));
  });

  it('knows that nothing was sent where nobody listens', async () => {
    channel = channelTo('http://127.0.0.1:1');
    expect(await outcomeOf()).toMatchObject({ kind: 'refused', isPermanent: false });
  });
});
