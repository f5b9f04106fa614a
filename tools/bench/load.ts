import autocannon, { type Request } from 'autocannon';

/** A round ends by time; this bounds it by count, too. */
const REQUESTS_MAX = 500_000;

export interface Burst {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** What each connection asks for, round and round. */
  readonly requestsOf: (connection: number) => Request[];
}

/** What one burst showed. */
export interface Measured {
  readonly perSecond: number;
  /** Milliseconds of every answer, unsorted. */
  readonly latencies: readonly number[];
}

/**
 * Asks as fast as the answers come, each connection one request at a time. Every answer must be a success, or the
 * number would be that of another work.
 */
export async function fire({ url, connections, seconds, requestsOf }: Burst): Promise<Measured> {
  const latencies: number[] = [];
  const requests = requestsOf(0);
  let opened = 0;
  const run = autocannon({
    url,
    connections,
    requests,
    duration: seconds,
    maxOverallRequests: REQUESTS_MAX,
    idReplacement: requests.some(({ method }) => method === 'POST'),
    setupClient: (client) => client.setRequests(requestsOf(opened++)),
  });
  run.on('response', (...[, , , milliseconds]) => latencies.push(milliseconds));
  const result = await run;
  if (result.non2xx > 0 || result.errors > 0) {
    const statuses = JSON.stringify(result.statusCodeStats);
    throw new Error(`${url}: ${result.non2xx} refusals and ${result.errors} broken connections: ${statuses}`);
  }
  return { perSecond: result['2xx'] / result.duration, latencies };
}
