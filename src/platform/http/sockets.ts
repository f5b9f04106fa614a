import { STATUS_CODES, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { DomainError } from '../../shared/errors.js';
import { BadRequest, HeadersTooLarge, RequestTimeout } from './http.errors.js';
import { PROBLEM_MEDIA_TYPE, problemBody, STATUS_OF } from './problem.js';

/** Behind a load balancer that keeps sockets for 60 s, ours must live longer, or it reuses one that is just closing. */
const KEEP_ALIVE_MS = 65_000;
/** Who sends slowly is cut within 10 s, the sweep included. Idle keep-alive sockets are not concerned. */
const HEADERS_MAX_MS = 7_000;
const REQUEST_MAX_MS = 8_000;
const SWEEP_MS = 1_000;
/**
 * How long an answer may wait for its reader: the rest of it waits in our memory. A pause, and beside it the time a slow
 * connection needs for the bytes.
 */
export interface Patience {
  readonly pauseMs: number;
  readonly bytesPerMs: number;
  readonly sweepMs: number;
}

const PATIENCE: Patience = { pauseMs: 6_000, bytesPerMs: 256, sweepMs: SWEEP_MS };

/** Bounds what one socket may cost. To be called before the server listens. */
export function limitSockets(server: Server): void {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = HEADERS_MAX_MS;
  server.requestTimeout = REQUEST_MAX_MS;
  // An option of createServer, which Nest calls for us; read when the server begins to listen (default 30 s).
  Object.assign(server, { connectionsCheckingInterval: SWEEP_MS });
  server.on('clientError', refuseUnreadable);
  cutSlowReaders(server, PATIENCE);
}

/** What is no HTTP, or came too slowly, gets a problem document as well, written by hand: there is no request. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  // A browser opens connections ahead; answering one it has not used yet would answer its next request.
  const isUnused = socket.bytesRead === 0;
  if (error.code === 'ECONNRESET' || !socket.writable || isUnused) {
    socket.destroy();
    return;
  }
  const refusal = refusalOf(error);
  const status = STATUS_OF[refusal.problem.kind];
  const body = JSON.stringify(problemBody(refusal, { instance: '/' }));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function refusalOf({ code }: NodeJS.ErrnoException): DomainError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTimeout('Send the whole request within some seconds.');
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLarge('All headers together may have 16 KiB.');
  return new BadRequest('This is not HTTP/1.1.');
}

interface Reading {
  readonly readBytes: number;
  readonly until: number;
}

/** Looks at every open socket now and then, so that no request pays for it. */
export function cutSlowReaders(server: Server, patience: Patience): void {
  const sockets = new Map<Socket, Reading | null>();
  server.on('connection', (socket: Socket) => {
    sockets.set(socket, null);
    socket.once('close', () => sockets.delete(socket));
  });
  let sweptAt = performance.now();
  let waitedMs = 0;
  const sweep = setInterval(() => {
    const now = performance.now();
    // A pause of our own is not the reader's: it may have read, and we have not written.
    waitedMs += Math.min(now - sweptAt, 2 * patience.sweepMs);
    sweptAt = now;
    for (const [socket, before] of sockets) sockets.set(socket, lookedAt(socket, before, { patience, now: waitedMs }));
  }, patience.sweepMs);
  sweep.unref();
  server.once('close', () => clearInterval(sweep));
}

/** Cuts the socket when what waits for its reader has waited for too long, and remembers where it stands otherwise. */
function lookedAt(
  socket: Socket,
  before: Reading | null,
  { patience: { pauseMs, bytesPerMs }, now }: { patience: Patience; now: number },
): Reading | null {
  const waitingBytes = socket.writableLength;
  if (waitingBytes === 0) return null;
  const readBytes = socket.bytesWritten - waitingBytes;
  if (before === null || readBytes > before.readBytes) {
    return { readBytes, until: now + pauseMs + waitingBytes / bytesPerMs };
  }
  if (now > before.until) socket.destroy();
  return before;
}
