import net from 'node:net';
import { Failure } from './steps.mjs';

const TRIES_MAX = 200;
const CONNECT_TIMEOUT_MS = 1_000;

/** Whether anything answers on this port of the loopback. @param {number} port @returns {Promise<boolean>} */
export function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    const finish = (/** @type {boolean} */ result) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => finish(false));
    socket.once('connect', () => finish(true)).once('error', () => finish(false));
  });
}

/** Whether a server could listen here now: nobody answers, and the system lets us bind. @param {number} port */
export async function isFree(port) {
  if (await answers(port)) return false;
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * The first free port from `from` upwards; busy ones and those in `taken` are stepped over.
 * @param {number} from @param {Set<number>} [taken] @returns {Promise<number>}
 */
export async function firstFree(from, taken = new Set()) {
  const last = Math.min(from + TRIES_MAX, 65_535);
  for (let port = from; port <= last; port++) {
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Failure(`Every port from ${from} to ${last} is in use.`, { mend: 'npm run doctor' });
}

/**
 * One port for each of `count` servers: the remembered one while it is free, else the next free.
 * @param {{ from: number, count: number, remembered?: number[], taken: Set<number> }} wanted
 */
export async function choosePorts({ from, count, remembered = [], taken }) {
  const ports = [];
  for (let index = 0; index < count; index++) {
    const known = remembered[index];
    const usable = known && !taken.has(known) && (await isFree(known));
    const port = usable ? known : await firstFree(from, taken);
    taken.add(port);
    ports.push(port);
  }
  return ports;
}
