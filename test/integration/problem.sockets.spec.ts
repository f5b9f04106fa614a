import { connect, type Socket } from 'node:net';
import { waitUntil } from '../support/wait.js';
import { Door } from './problem.support.js';

const CUT_MAX_MS = 10_000;
/** A busy machine may sweep late; without our limits it would take Node a minute. */
const GRACE_MS = 8_000;

interface Conversation {
  readonly socket: Socket;
  text: string;
  closedAfterMs?: number;
}

describe('A socket', () => {
  let door: Door;

  beforeAll(async () => {
    door = await Door.open();
  });

  const opened: Socket[] = [];

  afterAll(async () => {
    for (const socket of opened) socket.destroy();
    await door.close();
  });

  function open(say: string): Conversation {
    const startedAt = performance.now();
    const conversation: Conversation = { socket: connect(door.port, '127.0.0.1'), text: '' };
    const { socket } = conversation;
    opened.push(socket);
    socket.on('data', (bytes) => (conversation.text += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => (conversation.closedAfterMs = performance.now() - startedAt));
    socket.write(say);
    return conversation;
  }

  function closed(conversation: Conversation): Promise<number> {
    const patience = { what: 'the socket to be closed', timeoutMs: 25_000 };
    return waitUntil(() => conversation.closedAfterMs ?? 0, patience);
  }

  it('that sends its request too slowly is cut, while others are answered and an idle one is kept', async () => {
    const idle = open('GET /v1/things HTTP/1.1\r\nHost: x\r\n\r\n');
    const silent = open('');
    const slowHead = open('GET /v1/things HTTP/1.1\r\nHost: x\r\n');
    const drip = setInterval(() => slowHead.socket.write('X-A: b\r\n'), 500);
    slowHead.socket.once('close', () => clearInterval(drip));
    const slowBody = open(
      'POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{',
    );
    const crowd = Array.from({ length: 300 }, () => open('GET / HTTP/1.1\r\n'));

    const startedAt = performance.now();
    expect((await door.ask('GET', '/v1/things')).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(CUT_MAX_MS);

    for (const one of [silent, slowHead, slowBody, ...crowd])
      expect(await closed(one)).toBeLessThan(CUT_MAX_MS + GRACE_MS);
    expect(slowHead.text).toMatch(/^HTTP\/1.1 408 [^]*"code":"request-timeout"/);
    expect(silent.text).toBe('');
    expect(idle.closedAfterMs).toBeUndefined();
    idle.text = '';
    idle.socket.write('GET /v1/things HTTP/1.1\r\nHost: x\r\n\r\n');
    await waitUntil(() => idle.text.startsWith('HTTP/1.1 200'), { what: 'the kept socket to be answered' });
  }, 60_000);

  it.each([
    ['another version', 'GET / HTTP/9.9\r\n\r\n', { status: 400, code: 'bad-request' }],
    ['nonsense', 'nonsense\r\n\r\n', { status: 400, code: 'bad-request' }],
    [
      'headers too large',
      `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`,
      { status: 413, code: 'headers-too-large' },
    ],
  ])('that speaks no HTTP but %s hears a problem document', async (_name, text, { status, code }) => {
    const conversation = open(text);
    await closed(conversation);
    expect(conversation.text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(conversation.text).toContain('application/problem+json');
    expect(conversation.text).toContain(`"code":"${code}"`);
  });
});
