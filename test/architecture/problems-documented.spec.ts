import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATUS_OF } from '../../src/platform/http/problem.js';
import type { ErrorKind } from '../../src/shared/errors.js';

const SOURCES = join(process.cwd(), 'src');
const DEFINITION = /\bdefineError\(\s*'([^']+)',\s*'([^']+)',/g;
const HEADING = /^### (.+)\n\n\*\*(\d{3})\*\* · \S/gm;

interface Defined {
  readonly code: string;
  readonly status: number;
}

describe('docs/problems.md', () => {
  const text = readFileSync(join(process.cwd(), 'docs', 'problems.md'), 'utf8');

  it('describes every problem the sources define, with its status, and no other', () => {
    expect(documented(text)).toEqual(defined());
  });

  it('would not pass with a heading left out, one made up, or another status', () => {
    expect(documented(text.replace('### out-of-stock\n', ''))).not.toEqual(defined());
    expect(documented(`${text}\n### made-up\n\n**409** · Never.\n`)).not.toEqual(defined());
    expect(documented(text.replace('**402** · The bank', '**400** · The bank'))).not.toEqual(defined());
  });

  it('says under each heading when it happens', () => {
    const headings = text.match(/^### .*$/gm) ?? [];
    expect(headings).toHaveLength(documented(text).length);
  });
});

describe('the problems in the sources', () => {
  it('are all defined in a way this test can read', () => {
    const calls = sources().flatMap((source) => source.match(/\bextends defineError\(/g) ?? []);
    const read = sources().flatMap((source) => source.match(DEFINITION) ?? []);
    expect(read).toHaveLength(calls.length);
    expect(calls.length).toBeGreaterThan(30);
  });

  it('have one status per code, wherever they are defined', () => {
    const codes = defined().map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)]);
  });

  it('have codes in kebab-case', () => {
    expect(defined().filter(({ code }) => !/^[a-z]+(-[a-z]+)*$/.test(code))).toEqual([]);
  });
});

function sources(): string[] {
  return readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => readFileSync(join(SOURCES, file), 'utf8'));
}

/** Each code and status once: two domains may refuse for the same reason. */
function defined(): Defined[] {
  const all = sources().flatMap((source) =>
    [...source.matchAll(DEFINITION)].map(([, code = '', kind]) => ({ code, status: STATUS_OF[kind as ErrorKind] })),
  );
  const byText = new Map(all.map((one) => [`${one.code} ${one.status}`, one]));
  return [...byText.values()].sort(byCode);
}

function documented(text: string): Defined[] {
  return [...text.matchAll(HEADING)].map(([, code = '', status]) => ({ code, status: Number(status) })).sort(byCode);
}

function byCode(one: Defined, other: Defined): number {
  return one.code < other.code ? -1 : 1;
}
