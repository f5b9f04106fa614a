import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { cutSlowReaders } from './sockets.js';

const PATIENCE = { pauseMs: 300, bytesPerMs: 1_000_000, sweepMs: 20 };
const LARGE = Buffer.alloc(30_000_000);

describe('cutSlowReaders', () => {
  let server: Server;
  let reader: Socket;

  afterEach(() => {
    reader.destroy();
    server.close();
  });

  /** A reader of one answer that does not read; resolves when the server's side of it is closed, or after the time. */
  async function closes(answer: RequestListener, { withinMs, cut = true }: { withinMs: number; cut?: boolean }) {
    server = createServer(answer);
    if (cut) cutSlowReaders(server, PATIENCE);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const closed = new Promise<boolean>((resolve) => {
      server.on('connection', (socket) => socket.once('close', () => resolve(true)));
    });
    reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
    reader.on('error', () => undefined).pause();
    reader.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const later = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), withinMs));
    return Promise.race([closed, later]);
  }

  it('cuts who lets a large answer wait', async () => {
    expect(await closes((_request, response) => response.end(LARGE), { withinMs: 15_000 })).toBe(true);
  });

  it('would keep it for ever otherwise', async () => {
    expect(await closes((_request, response) => response.end(LARGE), { withinMs: 700, cut: false })).toBe(false);
  });

  it('leaves alone who waits for us', async () => {
    expect(await closes(() => undefined, { withinMs: 700 })).toBe(false);
  });

  it('leaves alone who reads slowly and steadily', async () => {
    const pieces = (_request: unknown, response: ServerResponse): unknown =>
      Readable.from(Array.from({ length: 500 }, () => LARGE.subarray(0, 60_000))).pipe(response);
    const closing = closes(pieces, { withinMs: 900 });
    // Fast enough that the system's own buffers, megabytes of them, let the server see progress well within its pause.
    const reading = setInterval(() => void reader.read(), 1);
    expect(await closing).toBe(false);
    clearInterval(reading);
  });
});
