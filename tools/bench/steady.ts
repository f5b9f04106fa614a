import { Agent, request } from 'node:http';
import type { Request } from 'autocannon';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const TICK_MS = 5;
/** As many connections as the slowest answers may need at once; more would be a queue in the operating system. */
const SOCKETS_MAX = 256;
const ANSWER_MAX_MS = 10_000;

export interface Steady {
  readonly url: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly next: () => Request;
}

export interface SteadyResult {
  /** Milliseconds of every success, from the moment the request was due, not from when it found a connection. */
  readonly latencies: readonly number[];
  readonly failures: readonly string[];
}

/**
 * An open loop: so many requests a second, whether or not the answers come. Customers do not wait for each other, and a
 * loop that waits hides every pause of the server (Gil Tene's "coordinated omission").
 */
export async function steadily({ url, perSecond, seconds, next }: Steady): Promise<SteadyResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  const latencies: number[] = [];
  const failures: string[] = [];
  const running = new Set<Promise<void>>();
  const total = perSecond * seconds;
  const startedAt = performance.now();
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond));
    for (; sent < due; sent++) {
      const dueAt = startedAt + (sent / perSecond) * 1_000;
      const one: Promise<void> = ask(agent, url, next()).then(
        () => void latencies.push(performance.now() - dueAt),
        (error: unknown) => void failures.push(String(error)),
      );
      running.add(one);
      void one.finally(() => running.delete(one));
    }
    await pause(TICK_MS);
  }
  await Promise.all(running);
  agent.destroy();
  return { latencies, failures };
}

function ask(agent: Agent, url: string, { method = 'GET', path, headers = {}, body = '' }: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    const own = new Map(Object.entries(headers).map(([name, value]) => [name, value.replace('[<id>]', randomUUID())]));
    if (body !== '') own.set('content-length', String(Buffer.byteLength(body)));
    const options = { agent, method, headers: Object.fromEntries<string>(own), timeout: ANSWER_MAX_MS };
    const sent = request(new URL(path, url), options, (answer) => {
      const { statusCode = 0 } = answer;
      answer.resume().once('error', reject);
      answer.once('end', () => (statusCode < 300 ? resolve() : reject(new Error(`${method} ${path}: ${statusCode}`))));
    });
    sent.once('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in ${ANSWER_MAX_MS} ms`)));
    sent.once('error', reject);
    sent.end(body);
  });
}
