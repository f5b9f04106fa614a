import Stripe from 'stripe';
import { MISMATCH_CLASSES } from '../../../src/domains/payments/reconciliation/comparison/mismatch.js';
import { type Client, expectStatus } from '../../../test/support/client.js';
import { type Injected, Mismatches } from '../../../test/support/mismatches/injection.js';
import type { RunningShop } from '../../../test/support/running-shop.js';
import { STRIPE_KEY } from '../../../test/support/sandbox.js';
import { tampering } from '../../../test/support/tampering.js';
import type { Proof } from '../proof.js';
import type { Stage } from '../stage.js';

const PAGE = 100;
/** For each injected difference so many payments both sides agree about: what must not be found. */
const AGREEING = 0.5;
const RUN_MS = 300_000;
/** Nobody but the reconciliation finds anything: no webhook arrives, none is looked for, and no row asks to be looked at. */
const ALONE = { WEBHOOK_POLL_MS: '86400000' };

interface Report {
  readonly status: string;
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly findings: { readonly data: readonly Finding[]; readonly next: string | null };
}

interface Finding extends Injected {
  readonly resolution: string;
}

/** Every row a reconciliation may heal or queue, in one word. */
const BOOKS = `SELECT md5(concat_ws('|', ${[
  'payments',
  'refunds',
  'reviews',
  'ledger_transactions',
  'ledger_entries',
  'reconciliation_findings',
]
  .map((table) => `(SELECT string_agg(r::text, ';' ORDER BY r::text) FROM ${table} AS r)`)
  .join(', ')})) AS books`;

async function mismatchesOf(shop: RunningShop): Promise<Mismatches> {
  const { hostname, port } = new URL(shop.sandbox.url);
  const stripe = new Stripe(STRIPE_KEY, { host: hostname, port, protocol: 'http', telemetry: false });
  const [user] = await shop.query<{ id: string }>(`SELECT id FROM users WHERE email = 'anna@purser.test'`);
  const query = (sql: string) => shop.query(sql);
  const door = (method: string, path: string, body?: unknown) => shop.sandbox.ask<unknown>(method, path, body);
  return new Mismatches({ stripe, userId: user?.id ?? '', query, door });
}

/** Asks for a reconciliation, waits for its end, and reads all of its report. */
async function reconcile({ shop, admin }: { shop: RunningShop; admin: Client }): Promise<Report> {
  const asked = expectStatus(await admin.post('/v1/admin/reconciliations', { body: {} }), 202);
  const path = asked.headers.get('location') ?? '';
  const read = async (query: string) =>
    JSON.parse(expectStatus(await admin.get(`${path}${query}`), 200).text) as Report;
  const isCompleted = async () => (await read('?limit=1')).status === 'completed';
  await shop.waitUntil(isCompleted, { what: 'the reconciliation to be done', timeoutMs: RUN_MS });
  const first = await read(`?limit=${PAGE}`);
  const data = [...first.findings.data];
  for (let { next } = first.findings; next;) {
    const page = await read(`?limit=${PAGE}&after=${next}`);
    data.push(...page.findings.data);
    next = page.findings.next;
  }
  return { ...first, findings: { data, next: null } };
}

function judge(stage: Stage, injected: readonly Injected[], { findings }: Report): void {
  const nameOf = (one: Injected) => `${one.class} ${one.subject}`;
  const wanted = new Set(injected.map(nameOf));
  const found = new Set(findings.data.map(nameOf));
  for (const name of wanted) stage.expect('a mismatch that was not found', found.has(name), name);
  for (const name of found) stage.expect('a mismatch that is none', wanted.has(name), name);
  const right = [...found].filter((name) => wanted.has(name)).length;
  stage.note('recall, per mille', (1_000 * right) / wanted.size);
  stage.note('precision, per mille', found.size === 0 ? 0 : (1_000 * right) / found.size);
  for (const finding of findings.data) {
    stage.reached(finding.class);
    stage.reached(finding.resolution);
  }
}

/** Differences of every class, found and named rightly, and nothing found where both sides agree. */
export const recon: Proof = {
  shows: 'injected mismatches are all found, safe ones are healed, and a second run changes nothing',
  promises: ['P20'],
  rounds: { quick: 110, alone: 1_000 },
  covers: [...MISMATCH_CLASSES, 'healed', 'review', 'open', 'second runs'],
  guards: {
    'skip-class': {
      what: 'one class of mismatch is skipped',
      seen: 'a mismatch that was not found',
      tamper: tampering.skipsAClass,
    },
  },
  async run(stage) {
    const shop = await stage.shop({ env: ALONE });
    await shop.sandbox.webhooks({ lose: 1 });
    const mismatches = await mismatchesOf(shop);
    const each = Math.ceil(stage.rounds / MISMATCH_CLASSES.length);
    await mismatches.agreeing(Math.ceil(stage.rounds * AGREEING));
    const injected: Injected[] = [];
    for (const one of stage.shuffled(MISMATCH_CLASSES)) injected.push(...(await mismatches.inject(one, each)));
    stage.note('mismatches injected', injected.length);

    const admin = await shop.as('admin@purser.test');
    judge(stage, injected, await reconcile({ shop, admin }));
    await stage.untilQuiet(shop);

    const booksBefore = await shop.query(BOOKS);
    const second = await reconcile({ shop, admin });
    stage.reached('second runs');
    const isUnchanged = JSON.stringify(await shop.query(BOOKS)) === JSON.stringify(booksBefore);
    stage.expect('rows changed by the second run', isUnchanged && second.findings.data.length === 0, second.counts);
  },
};
