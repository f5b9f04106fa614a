import express from 'express';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { LOCAL_SECRETS } from '../../src/platform/config/config.schema.js';
import { type Client, expectStatus } from '../support/client.js';
import { percentile, tell } from '../support/figures.js';
import { type RunningShop, startShop } from '../support/running-shop.js';

jest.setTimeout(180_000);

/** Until its heap is as large as serving takes. */
const WARM_UP_ROUNDS = 15;
const ROUNDS = 15;
const GROWTH_MAX_BYTES = 50_000_000;
/** For a busy machine; on an idle one it is some tens of milliseconds. */
const OTHERS_P95_MAX_MS = 2_000;

const SLOW_HEADS = 240;
const SLOW_BODIES = 240;
const SLOW_READERS = 10;
const PIPELINES = 10;
const CLIENTS = SLOW_HEADS + SLOW_BODIES + SLOW_READERS + PIPELINES;
/** Cut within 10 s, and found open by a busy machine so much later. */
const CUT_MAX_MS = 10_000 + 20_000;

const JSON_TYPE = { 'content-type': 'application/json' };
const GZIP = { ...JSON_TYPE, 'content-encoding': 'gzip' };

let shop: RunningShop;
let anna: Client;
const bare: Server[] = [];

beforeAll(async () => {
  shop = await startShop({ workers: 0 });
  anna = await shop.as('anna@purser.test');
});

afterAll(async () => {
  for (const server of bare) server.closeAllConnections();
  await Promise.all(bare.map((server) => new Promise((resolve) => server.close(resolve))));
  await shop?.stop();
});

/** What everybody else does meanwhile: how long each of their answers took. */
async function others(isOver: () => boolean): Promise<number[]> {
  const taken: number[] = [];
  do {
    for (const path of ['/v1/orders', '/v1/products']) {
      const start = performance.now();
      expectStatus(await anna.get(path), 200);
      taken.push(performance.now() - start);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (!isOver());
  return taken;
}

/** A server that bounds nothing but what Node itself does. */
async function bareServer(server: Server): Promise<number> {
  bare.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('bodies that are too much', () => {
  const members = Array.from({ length: 10_000 }, (_, index) => `"k${index}":1`).join(',');
  const bomb = gzipSync(`{}${' '.repeat(100_000_000)}`);
  const deep = `{"email":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  const BODIES: [what: string, body: string | Buffer<ArrayBuffer>, headers: Record<string, string>, answer: string][] =
    [
      ['101 kB', `{"email":"${'x'.repeat(101 * 1_024)}"}`, JSON_TYPE, '413 payload-too-large'],
      ['a gzip bomb of 100 MB', bomb, GZIP, '413 payload-too-large'],
      ['20,000 levels', deep, JSON_TYPE, '400 json-too-deep'],
      ['10,000 members', `{${members}}`, JSON_TYPE, '400 invalid-request'],
      ['half of an object', '{"email"', JSON_TYPE, '400 malformed-json'],
      ['no gzip', 'no gzip', GZIP, '400 bad-request'],
      ['another charset', '{}', { 'content-type': 'application/json; charset=latin1' }, '415 unsupported-media-type'],
      ['another type', 'email=a', { 'content-type': 'text/plain' }, '415 unsupported-media-type'],
    ];

  async function post(port: number | string, [, body, headers]: (typeof BODIES)[number]): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${port}/v1/auth/login`, { method: 'POST', body, headers });
    const text = await response.text();
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
    return `${response.status} ${isProblem ? (JSON.parse(text) as { code: string }).code : ''}`;
  }

  /** Chunks until somebody cuts the line; what came back before. */
  function endless(port: string): Promise<string> {
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1');
      const head = 'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
      socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
      const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
      const timer = setInterval(() => socket.write(chunk), 2);
      socket.on('data', (bytes) => (text += bytes.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(timer);
        resolve(`${text.slice(9, 12)} ${/"code":"([^"]+)"/.exec(text)?.[1]}`);
      });
    });
  }

  async function residentBytes(): Promise<number> {
    const headers = { authorization: `Bearer ${LOCAL_SECRETS.METRICS_TOKEN}` };
    const { text } = expectStatus(await shop.visitor.get('/metrics', { headers }), 200);
    return Number(/^process_resident_memory_bytes ([\d.e+]+)$/m.exec(text)?.[1]);
  }

  async function attack(rounds: number): Promise<void> {
    const { port } = new URL(shop.webs[0] ?? '');
    for (let round = 0; round < rounds; round += 1) {
      const answers = await Promise.all([...BODIES.map((body) => post(port, body)), endless(port)]);
      expect(answers).toEqual([...BODIES.map(([, , , answer]) => answer), '413 payload-too-large']);
    }
  }

  it('are refused with a problem, cost no memory, and nobody else hears of them', async () => {
    await attack(WARM_UP_ROUNDS);
    const before = await residentBytes();
    let isOver = false;
    const attacking = attack(ROUNDS).finally(() => (isOver = true));
    const [taken] = await Promise.all([others(() => isOver), attacking]);
    const growth = (await residentBytes()) - before;

    const p95 = percentile(taken, 0.95);
    tell('P43', `RSS ${(growth / 1e6).toFixed(1)} MB more, p95 of others ${p95.toFixed(0)} ms of ${taken.length}`);
    expect(growth).toBeLessThan(GROWTH_MAX_BYTES);
    expect(p95).toBeLessThan(OTHERS_P95_MAX_MS);
  });

  it('are taken in whole by a server that does not look (control)', async () => {
    const received: number[] = [];
    const app = express().use(express.json({ limit: '200mb', verify: (_q, _a, bytes) => received.push(bytes.length) }));
    app.post('/v1/auth/login', (_request, response) => void response.json({}));
    const port = await bareServer(createServer(app));
    for (const body of BODIES.slice(0, 4)) expect([body[0], await post(port, body)]).toEqual([body[0], '200 ']);
    expect(received[1]).toBe(100_000_002);
    expect(bomb.length).toBeLessThan(100 * 1_024);
  });
});

describe(`${CLIENTS} clients that take their time`, () => {
  const DRIP_MS = 500;
  const opened: Socket[] = [];
  const closedAfterMs: number[] = [];

  afterAll(() => {
    for (const socket of opened) socket.destroy();
  });

  /** Says this, then a little more every now and then, until somebody cuts the line. */
  function slow(port: number, says: string, drip: string): Socket {
    const startedAt = performance.now();
    const socket = connect(port, '127.0.0.1');
    opened.push(socket);
    socket.write(says);
    const dripping = setInterval(() => socket.write(drip), DRIP_MS);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(dripping);
      closedAfterMs.push(performance.now() - startedAt);
    });
    return socket;
  }

  const slowHead = (port: number) => slow(port, 'GET /v1/products HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n').resume();
  const BODY_HEAD =
    'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n';
  const slowBody = (port: number) => slow(port, `${BODY_HEAD}\r\n{`, ' ').resume();
  /** Asks for much, and reads nothing of it. What it writes on tells it when the other end is gone. */
  const greedy = (port: number, requests: number) =>
    slow(port, 'GET /docs-json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(requests), 'G').pause();

  it('are cut, while others are answered as ever', async () => {
    const port = Number(new URL(shop.webs[0] ?? '').port);
    const barePort = await bareServer(createServer((_request, response) => response.end()));
    const patient = [slowHead(barePort), slowBody(barePort)];
    const sockets = [
      ...Array.from({ length: SLOW_HEADS }, () => slowHead(port)),
      ...Array.from({ length: SLOW_BODIES }, () => slowBody(port)),
      ...Array.from({ length: SLOW_READERS }, () => greedy(port, 10)),
      ...Array.from({ length: PIPELINES }, () => greedy(port, 1_000)),
    ];
    const startedAt = performance.now();
    const isOver = () => closedAfterMs.length === sockets.length || performance.now() - startedAt > CUT_MAX_MS;
    const taken = await others(isOver);

    const p95 = percentile(taken, 0.95);
    const last = Math.max(...closedAfterMs);
    tell(
      'P44',
      `${closedAfterMs.length} cut, the last after ${last.toFixed(0)} ms; p95 of others ${p95.toFixed(0)} ms`,
    );
    expect(sockets.filter((socket) => !socket.destroyed)).toEqual([]);
    expect(closedAfterMs).toHaveLength(sockets.length);
    expect(p95).toBeLessThan(OTHERS_P95_MAX_MS);
    // The control: a server without these limits keeps them.
    expect(patient.map((socket) => socket.destroyed)).toEqual([false, false]);
  });
});
