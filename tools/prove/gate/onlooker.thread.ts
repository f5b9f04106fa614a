import http from 'node:http';

export interface Look {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Looks {
  readonly looks: readonly Look[];
  /** Set to 1 by whoever has seen enough. */
  readonly enough: Int32Array;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/** Looks one after the other, until all were taken or it is enough; how long each took, in milliseconds. */
export default async function look({ looks, enough }: Looks): Promise<number[]> {
  const times: number[] = [];
  for (const each of looks) {
    if (Atomics.load(enough, 0) === 1) break;
    const began = performance.now();
    await answered(each);
    times.push(performance.now() - began);
  }
  return times;
}

function answered({ url, headers }: Look): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent, headers }, (reply) => reply.resume().once('end', resolve));
    request.once('error', reject);
  });
}
