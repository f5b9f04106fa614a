import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Answer, Door } from './problem.support.js';

const LIMIT_BYTES = 100 * 1_024;
const THING = '{"name":"tea"}';

/** A thing whose body has exactly this many bytes. */
function aThingOf(bytes: number): string {
  return THING + ' '.repeat(bytes - THING.length);
}

function outcome({ status, body }: Answer): [number, string] {
  return [status, body.code];
}

describe('A body', () => {
  let door: Door;

  beforeAll(async () => {
    door = await Door.open();
  });

  afterAll(() => door.close());

  it('may have 100 KiB, and not one byte more', async () => {
    expect((await door.post('/v1/things', aThingOf(LIMIT_BYTES))).status).toBe(201);
    expect(outcome(await door.post('/v1/things', aThingOf(LIMIT_BYTES + 1)))).toEqual([413, 'payload-too-large']);
  });

  it('may be packed, and is measured unpacked: a bomb of 100 MB does no harm', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    expect((await door.post('/v1/things', gzipSync(aThingOf(LIMIT_BYTES)), gzip)).status).toBe(201);
    const bomb = gzipSync(Buffer.alloc(100_000_000, ' '));
    expect(bomb.length).toBeLessThan(LIMIT_BYTES);
    const before = process.memoryUsage().rss;
    expect(outcome(await door.post('/v1/things', bomb, gzip))).toEqual([413, 'payload-too-large']);
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
    expect(outcome(await door.post('/v1/things', 'no gzip', gzip))).toEqual([400, 'bad-request']);
    const brotli = { 'content-encoding': 'br' };
    expect(outcome(await door.post('/v1/things', THING, brotli))).toEqual([415, 'unsupported-media-type']);
  });

  it('that does not end is answered as soon as it is too long, and cut', async () => {
    const head =
      'POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
    const startedAt = performance.now();
    const { text, answeredAt } = await talk(door, (socket) => {
      socket.write(head);
      const timer = setInterval(() => socket.write(chunk), 2);
      socket.once('close', () => clearInterval(timer));
    });
    expect(text).toMatch(/^HTTP\/1.1 413 /);
    expect(text).toContain('"code":"payload-too-large"');
    // One that waited for the end, or for the limit of a slow body, would take ten seconds.
    expect(answeredAt - startedAt).toBeLessThan(5_000);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });

  it.each([
    ['half of an object', '{"name"', 'malformed-json'],
    ['nothing', '', 'invalid-request'],
    ['an empty list', '[]', 'invalid-request'],
    ['null', 'null', 'invalid-request'],
    ['a text', '"text"', 'invalid-request'],
    ['a list', '[{"name":"tea"}]', 'invalid-request'],
    ['U+0000', '{"name":"a\\u0000b"}', 'invalid-request'],
    ['half a surrogate pair', '{"name":"\\ud83d"}', 'invalid-request'],
    ['a number too large', '{"name":"tea","parts":[{"quantity":10}]}', 'invalid-request'],
    ['an object for a list', '{"name":"tea","parts":{"quantity":"1"}}', 'invalid-request'],
    ['20,000 levels', `{"name":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'json-too-deep'],
  ])('with %s is 400', async (_name, body, code) => {
    expect(outcome(await door.post('/v1/things', body))).toEqual([400, code]);
  });

  it('that is not UTF-8 is refused, whether it says so or not', async () => {
    const latin1 = Buffer.from('{"name":"thé"}', 'latin1');
    expect(outcome(await door.post('/v1/things', latin1))).toEqual([400, 'malformed-json']);
    const utf16 = { 'content-type': 'application/json; charset=utf-16le' };
    const wide = Buffer.from(THING, 'utf16le');
    expect(outcome(await door.post('/v1/things', wide, utf16))).toEqual([415, 'unsupported-media-type']);
    const utf8 = { 'content-type': 'application/json; charset="UTF-8"' };
    expect((await door.post('/v1/things', '{"name":"thé 🫖"}', utf8)).body.name).toBe('thé 🫖');
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp'])(
    'of type %s is 415',
    async (type) => {
      const reply = await door.post('/v1/things', THING, { 'content-type': type });
      expect(outcome(reply)).toEqual([415, 'unsupported-media-type']);
    },
  );

  it('with ten thousand members is refused before anything walks them', async () => {
    const members = Array.from({ length: 10_000 }, (_, index) => `"k${index}":1`);
    const startedAt = performance.now();
    const reply = await door.post('/v1/things', `{"name":"tea",${members.join(',')}}`);
    expect(outcome(reply)).toEqual([400, 'invalid-request']);
    expect(reply.text.length).toBeLessThan(1_000);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('with hundreds of unknown members names the first of them only', async () => {
    const members = Array.from({ length: 900 }, (_, index) => `"k${index}":1`);
    const reply = await door.post('/v1/things', `{"name":"tea",${members.join(',')}}`);
    expect(outcome(reply)).toEqual([400, 'invalid-request']);
    expect(reply.body.errors).toHaveLength(20);
  });

  it('points at every mistake, however deep, and cuts names that are too long', async () => {
    const long = 'x'.repeat(50_000);
    const parts = [{ quantity: 1 }, { quantity: 0, 'a/b~c': 1 }];
    const reply = await door.post('/v1/things', JSON.stringify({ name: 7, parts, [long]: 1 }));
    const pointers = reply.body.errors.map(({ pointer }) => pointer);
    expect(pointers).toEqual(expect.arrayContaining(['#/name', '#/parts/1/quantity', '#/parts/1/a~1b~0c']));
    expect(reply.text.length).toBeLessThan(3_000);
  });

  it.each(['__proto__', 'constructor'])('cannot change what every object has, by %s', async (name) => {
    const reply = await door.post('/v1/things', `{"name":"tea","${name}":{"prototype":{"x":1},"x":1}}`);
    expect([201, 400]).toContain(reply.status);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('of a webhook is kept as it came, of any type, up to 256 KiB', async () => {
    const bytes = Buffer.from('{ "a" : "\\u0000" } \n');
    const text = { 'content-type': 'text/plain' };
    expect((await door.post('/v1/webhooks/any', bytes, text)).body).toEqual({ bytes: bytes.length });
    const large = ' '.repeat(256 * 1_024);
    expect((await door.post('/v1/webhooks/any', large)).body).toEqual({ bytes: large.length });
    expect(outcome(await door.post('/v1/webhooks/any', `${large} `))).toEqual([413, 'payload-too-large']);
    expect((await door.ask('POST', '/v1/webhooks/any')).body).toEqual({ bytes: null });
  });
});

/** What came back over one socket until it was closed, and when the first byte of it did. */
function talk(
  door: Door,
  say: (socket: ReturnType<typeof connect>) => void,
): Promise<{ text: string; answeredAt: number }> {
  return new Promise((resolve) => {
    let text = '';
    let answeredAt = Infinity;
    const socket = connect(door.port, '127.0.0.1', () => say(socket));
    socket.on('data', (bytes) => {
      answeredAt = Math.min(answeredAt, performance.now());
      text += bytes.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ text, answeredAt }));
  });
}
