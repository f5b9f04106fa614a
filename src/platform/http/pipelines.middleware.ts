import type { RequestHandler } from 'express';
import type { Socket } from 'node:net';

/** Requests that may wait behind another one on their socket. Hardly any client sends a second before the first is answered. */
export const PIPELINED_MAX = 10;

/**
 * Cuts a socket on which more requests wait than {@link PIPELINED_MAX}. Node hands out all requests of one chunk before it
 * looks whether anybody reads the answers: 64 KiB are 1,600 requests, all of which would be worked on at once and whose
 * answers would wait in our memory. To come before everything that costs anything.
 */
export function refusePipelines(): RequestHandler {
  const waiting = new WeakMap<Socket, number>();
  return (request, response, next) => {
    // A response is given its socket when its turn to answer has come.
    if (response.socket !== null) {
      next();
      return;
    }
    const { socket } = request;
    const count = (waiting.get(socket) ?? 0) + 1;
    if (socket.destroyed || count > PIPELINED_MAX) {
      socket.destroy();
      return;
    }
    waiting.set(socket, count);
    response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    next();
  };
}
