import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../server.js';
import { ROUTE_NAMES } from '../stripe/routes.js';
import { Asking } from './asking.js';
import { downloadDocument, type StripeDocument } from './document.js';
import { Judge, type Remark } from './judge.js';
import { tellStories } from './stories.js';

/** Long enough to cancel a refund that is pending, also on a busy machine. */
const SETTLE_MS = 500;

const folder = await mkdtemp(join(tmpdir(), 'sandbox-verify-'));
try {
  process.exitCode = await verify(await downloadDocument(folder), join(folder, 'sandbox'));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** 0 when every answer keeps to the schema and every operation was asked. */
async function verify(document: StripeDocument, dataDir: string): Promise<number> {
  const failures: unknown[] = [];
  const onError = (error: unknown) => failures.push(error);
  const sandbox = await startSandbox({ port: 0, dataDir, webhookSecret: 'whsec_verify', settleMs: SETTLE_MS, onError });
  const asking = new Asking(sandbox.url, document, new Judge(document));
  try {
    await tellStories(asking);
  } finally {
    await sandbox.close();
  }
  const unasked = ROUTE_NAMES.filter((name) => ![...asking.asked].some((asked) => isSame(name, asked)));
  say(`Held against Stripe's OpenAPI document ${document.version}.`);
  tell('breaks the schema', of('breaks', asking.remarks));
  tell('not in the schema (a newer version, or a mistake)', of('unlisted', asking.remarks));
  tell("in Stripe's fixtures, not in ours", of('missing', asking.remarks));
  tell('operations nobody asked for', unasked);
  tell('errors inside the sandbox', failures.map(String));
  say(`\n${asking.asked.size} operations of ${ROUTE_NAMES.length}. Seen:`);
  for (const [kind, words] of kindsOf(asking.seen)) say(`  ${kind}: ${words.join(', ')}`);
  const broken = of('breaks', asking.remarks).length + unasked.length + failures.length;
  say(`\nlax: ${broken === 0 ? 'holds' : 'BROKEN'} · strict: ${verdict('unlisted')} · complete: ${verdict('missing')}`);
  return broken === 0 ? 0 : 1;

  function verdict(kind: Remark['kind']): string {
    const { length } = of(kind, asking.remarks);
    return length === 0 ? 'holds' : `${length} keys`;
  }
}

/** `GET payment_intents/:id` is `GET /v1/payment_intents/{intent}`. */
function isSame(name: string, asked: string): boolean {
  return asked.replace('/v1/', '').replaceAll(/\{\w+\}/g, ':id') === name;
}

function of(kind: Remark['kind'], remarks: readonly Remark[]): string[] {
  const lines = remarks.filter((remark) => remark.kind === kind).map(({ at, says }) => `${at} ${says}`);
  return [...new Set(lines)].sort();
}

function kindsOf(seen: ReadonlySet<string>): [string, string[]][] {
  const kinds = new Map<string, string[]>();
  for (const one of [...seen].sort()) {
    const [kind = '', word = ''] = one.split(' ');
    kinds.set(kind, [...(kinds.get(kind) ?? []), word]);
  }
  return [...kinds];
}

function tell(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  say(`\n${lines.length} × ${title}:`);
  for (const line of lines) say(`  ${line}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
