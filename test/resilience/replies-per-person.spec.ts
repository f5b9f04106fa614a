import type { Client, Reply } from '../support/client.js';
import { p95, timed } from '../integration/cache.support.js';
import { Doors, type Person } from './replies-per-person.support.js';

jest.setTimeout(120_000);

const ASKED = 1_000;
const AT_ONCE = 10;
/** For a busy machine; on an idle one it is a few milliseconds, and one timeout of Redis at its beginning. */
const WITHOUT_REDIS_P95_MAX_MS = 2_000;

/** One question: who asks, and for what. */
interface Question {
  readonly who: string;
  readonly client: Client;
  readonly path: string;
}

interface Asked extends Question {
  readonly heard: string;
}

let doors: Doors;

afterEach(() => doors.close());

/** Two customers and somebody without a token, each asking for everything of both. */
async function questions(): Promise<{ all: Question[]; people: readonly [Person, Person] }> {
  const productId = await doors.product();
  const people = [await doors.customer(productId), await doors.customer(productId)] as const;
  const paths = [...new Set(people.flatMap(({ belongings }) => doors.pathsFor(belongings)))];
  const asking = { anna: people[0].client, ben: people[1].client, nobody: doors.visitor };
  const all = Object.entries(asking).flatMap(([who, client]) => paths.map((path) => ({ who, client, path })));
  return { all, people };
}

/** What a reply says, without what is new in each: its own number, and times. */
function contentOf({ status, text }: Reply): string {
  return `${status} ${text.replaceAll(/"requestId":"[^"]*"|\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…')}`;
}

async function ask(question: Question): Promise<Asked> {
  return { ...question, heard: contentOf(await question.client.get(question.path)) };
}

/** The same numbers for the same seed: a failure can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** That many questions in no order, several at a time; those answered differently than when they were asked alone. */
async function askedInNoOrder(all: readonly Question[], alone: ReadonlyMap<string, string>, seed: number) {
  const random = randomFrom(seed);
  const asked: Asked[] = [];
  for (let count = 0; count < ASKED; count += AT_ONCE) {
    const batch = Array.from({ length: AT_ONCE }, () => all[random(all.length)]!);
    asked.push(...(await Promise.all(batch.map(ask))));
  }
  const unlike = asked.filter(({ heard, ...question }) => heard !== alone.get(nameOf(question)));
  return unlike.map((question) => `${nameOf(question)}: ${question.heard.slice(0, 200)}`);
}

const nameOf = ({ who, path }: Pick<Question, 'who' | 'path'>): string => `${who} ${path}`;

async function askedAlone(all: readonly Question[]): Promise<Map<string, string>> {
  const alone = new Map<string, string>();
  for (const question of all) alone.set(nameOf(question), (await ask(question)).heard);
  return alone;
}

/** Replies that two customers get for the same URL, and that are not the same: what a shared cache could mix up. */
function personal(alone: ReadonlyMap<string, string>): string[] {
  const ofAnna = [...alone].filter(([name]) => name.startsWith('anna '));
  return ofAnna.flatMap(([name, heard]) => (heard === alone.get(name.replace('anna', 'ben')) ? [] : [name]));
}

/** Successes that name an order or a payment of somebody else. */
function leaks(alone: ReadonlyMap<string, string>, [anna, ben]: readonly [Person, Person]): string[] {
  const idsOf = (people: readonly Person[]) =>
    people.flatMap(({ belongings: { orders, payments } }) => [orders, payments]);
  const foreign = { anna: idsOf([ben]), ben: idsOf([anna]), nobody: idsOf([anna, ben]) };
  return [...alone].flatMap(([name, heard]) => {
    const ids = foreign[name.split(' ')[0] as keyof typeof foreign];
    return heard.startsWith('200 ') && ids.some((id) => id && heard.includes(id)) ? [name] : [];
  });
}

describe('every GET route of the OpenAPI document, asked by two customers and a stranger', () => {
  it(`answers each of them the same ${ASKED} times over, and nobody anything of the other`, async () => {
    doors = await Doors.open();
    const { all, people } = await questions();
    const alone = await askedAlone(all);

    expect(personal(alone).length).toBeGreaterThan(8);
    expect(leaks(alone, people)).toEqual([]);
    const seed = (Date.now() % 2_147_483_646) + 1;
    expect({ seed, unlike: await askedInNoOrder(all, alone, seed) }).toEqual({ seed, unlike: [] });
  });

  it('would tell one what belongs to the other if replies were kept by URL alone (control)', async () => {
    doors = await Doors.open({ isKeyedByUrlAlone: true });
    const { all, people } = await questions();
    expect(leaks(await askedAlone(all), people).length).toBeGreaterThan(3);
  });

  it.each(['refuse', 'blackhole'] as const)('answers the same from PostgreSQL without Redis (%s)', async (mode) => {
    doors = await Doors.open();
    const { all } = await questions();
    const alone = await askedAlone(all);
    doors.redis.become(mode);

    const taken: number[] = [];
    for (const question of all) {
      taken.push(
        await timed(async () => {
          expect([nameOf(question), (await ask(question)).heard]).toEqual([
            nameOf(question),
            alone.get(nameOf(question)),
          ]);
        }),
      );
    }
    process.stdout.write(`replies without Redis (${mode}): p95 ${p95(taken).toFixed(0)} ms of ${taken.length}\n`);
    expect(p95(taken)).toBeLessThan(WITHOUT_REDIS_P95_MAX_MS);
  });
});
