import { statSync, openSync, readSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { openApiDocument } from '../../src/platform/http/swagger.js';
import { newKey, type Reply } from '../support/client.js';
import { tell } from '../support/figures.js';
import { harness } from '../support/harness.js';
import { type Field, fieldsOf, MARK, type Request } from './fuzz.support.js';
import { Gate, type Person } from '../integration/gate.support.js';

jest.setTimeout(120_000);

/** Of a field with a regular expression behind it. A machine that does something else is given another try. */
const HANDLER_MAX_MS = 50;
const TRIES = 8;
/** Nothing but the reading of the request has taken this time: no password was hashed, and nobody was asked. */
const REFUSED_UNREAD = new Set([400, 413, 422]);
const SEED = 20_261_126;
/** Of every field; which, the seed says. */
const SHORT_PER_FIELD = 5;
const LONG_PER_FIELD = 4;
const FAULTS_SHOWN = 40;
const LONG_FROM = 4_000;

const POSTGRES_LOG = join(harness().stateDir, 'logs', 'postgres.log');

let gate: Gate;
let admin: Person;

beforeAll(async () => {
  gate = await Gate.open();
});

afterAll(() => gate.close());

/** The same choice for the same seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function chosen({ requests }: Field, random: (below: number) => number): Request[] {
  const isLong = ({ path, raw = '' }: Request) => path.length + raw.length > LONG_FROM;
  const some = (of: Request[], count: number) =>
    of.length > count ? Array.from({ length: count }, () => of[random(of.length)]!) : of;
  const [long, short] = [requests.filter(isLong), requests.filter((request) => !isLong(request))];
  return [...some(long, LONG_PER_FIELD), ...some(short, SHORT_PER_FIELD)];
}

/** What PostgreSQL has logged since it had logged this much. */
function loggedSince(size: number): string {
  const buffer = Buffer.alloc(Math.max(0, statSync(POSTGRES_LOG).size - size));
  const file = openSync(POSTGRES_LOG, 'r');
  readSync(file, buffer, 0, buffer.length, size);
  closeSync(file);
  return buffer.toString();
}

async function rows(): Promise<string> {
  const tables = await gate.db.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  const counts = tables.map(({ name }) => `'${name} ' || (SELECT count(*) FROM "${name}")`).join(` || ', ' || `);
  const [row] = await gate.db.query<{ counts: string }>(`SELECT ${counts} AS counts`);
  return row?.counts ?? '';
}

const ask = ({ method, path, raw }: Request): Promise<Reply> =>
  admin.client.request(method, path, { key: newKey(), ...(raw === undefined ? {} : { raw }) });

/** The reply, and the best of several times when the first was a bad one. */
async function timed(request: Request, work = ask): Promise<{ reply: Reply; ms: number }> {
  let best = Infinity;
  for (let count = 1; ; count += 1) {
    const startedAt = performance.now();
    const reply = await work(request);
    best = Math.min(best, performance.now() - startedAt);
    if (best < HANDLER_MAX_MS || count === TRIES || !REFUSED_UNREAD.has(reply.status)) return { reply, ms: best };
  }
}

/** Everything that is wrong with how a field takes it. */
async function faultsOf(field: Field, random: (below: number) => number): Promise<{ faults: string[]; asked: number }> {
  // Somebody new for each: some routes end what they are asked with.
  admin = await gate.person(['user', 'support', 'admin']);
  const before = await rows();
  const faults: string[] = [];
  const requests = chosen(field, random);
  let isTaken = false;
  for (const request of requests) {
    const { reply, ms } = await timed(request);
    const shown = `${field.name} <- ${`${request.path} ${request.raw ?? ''}`.slice(0, 160)}: ${reply.status}`;
    if (reply.status >= 500 || reply.status === 0) faults.push(`${shown} ${reply.text.slice(0, 200)}`);
    const isKnown = field.documented.has(String(reply.status)) || reply.status === 404 || reply.status === 405;
    if (!isKnown) faults.push(`${shown} is not in the document`);
    if (REFUSED_UNREAD.has(reply.status) && ms > HANDLER_MAX_MS) faults.push(`${shown} after ${ms.toFixed(0)} ms`);
    isTaken ||= reply.status < 400;
  }
  const after = isTaken ? before : await rows();
  if (after !== before) faults.push(`${field.name}: refused all, and wrote: ${before} -> ${after}`);
  return { faults, asked: requests.length };
}

function polluted(): string[] {
  return [...Object.keys({}), ...('polluted' in {} ? ['polluted'] : [])];
}

describe('Every field of every route', () => {
  it('takes what is hostile in no time, without an error of ours, and without doing any of it', async () => {
    const random = randomFrom(SEED);
    const fields = fieldsOf(openApiDocument(gate.servers[0]!));
    const prototype = Object.getOwnPropertyNames(Object.prototype).sort();
    const logged = statSync(POSTGRES_LOG).size;
    const faults: string[] = [];
    let asked = 0;
    for (const field of fields) {
      const found = await faultsOf(field, random);
      faults.push(...found.faults);
      asked += found.asked;
    }
    tell('P45', `${asked} hostile requests to ${fields.length} fields of every route`);

    expect(faults.slice(0, FAULTS_SHOWN)).toEqual([]);
    expect(asked).toBeGreaterThan(1_500);
    expect(loggedSince(logged)).not.toContain(MARK);
    expect(polluted()).toEqual([]);
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(prototype);
  });
});

describe('What the above would not pass (control)', () => {
  const nobody = { method: 'GET', path: '/' };
  const refusal = { status: 400 } as Reply;

  it('an expression that backtracks', async () => {
    const slow = () => Promise.resolve(/^(\w+\s?)*$/.test(`${'a'.repeat(24)}!`) ? refusal : refusal);
    expect((await timed(nobody, slow)).ms).toBeGreaterThan(HANDLER_MAX_MS);
  });

  it('a statement put together from what somebody sent', async () => {
    const logged = statSync(POSTGRES_LOG).size;
    await expect(gate.db.query(`SELECT id FROM users WHERE email = '${MARK}' OR '1'='1' ORDER BY`)).rejects.toThrow();
    expect(loggedSince(logged)).toContain(MARK);
  });

  it('a row written by what was refused', async () => {
    const before = await rows();
    await gate.person();
    expect(await rows()).not.toBe(before);
  });

  it('a prototype that was written to', () => {
    const merged: Record<string, Record<string, unknown>> = {};
    const [name = '', value = {}] = Object.entries(JSON.parse('{"__proto__":{"polluted":1}}') as object)[0] ?? [];
    Object.assign(merged[name]!, value);
    expect(polluted()).toContain('polluted');
    Reflect.deleteProperty(Object.prototype, 'polluted');
    expect(polluted()).toEqual([]);
  });
});
