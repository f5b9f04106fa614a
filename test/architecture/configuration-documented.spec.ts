import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment, LOCAL_SECRETS } from '../../src/platform/config/config.schema.js';

interface Row {
  readonly name: string;
  readonly default: string;
  readonly why: string;
}

describe('docs/configuration.md', () => {
  const text = readFileSync(join(process.cwd(), 'docs', 'configuration.md'), 'utf8');

  it('has every variable of the schema, with its default and its reason, and no other', () => {
    expect(rowsOf(text)).toEqual(rowsOfSchema());
  });

  it('would not pass with a variable left out, one made up, or another default', () => {
    const lines = text.split('\n');
    const without = lines.filter((line) => !line.startsWith('| `PORT`')).join('\n');
    expect(rowsOf(without)).not.toEqual(rowsOfSchema());
    expect(rowsOf(`${text}\n| \`MADE_UP\` | none | text | Never. |\n`)).not.toEqual(rowsOfSchema());
    expect(rowsOf(text.replace('`3000`', '`3001`'))).not.toEqual(rowsOfSchema());
  });

  it('gives times the unit that their names end with', () => {
    const units = cellsOf(text).map(([name = '', , unit = '']) => ({ name, unit }));
    expect(units.filter(({ name, unit }) => name.endsWith('_MS`') !== (unit === 'ms'))).toEqual([]);
    expect(units.filter(({ name, unit }) => name.endsWith('_SECONDS`') !== (unit === 's'))).toEqual([]);
    expect(units.filter(({ unit }) => unit === '')).toEqual([]);
  });

  it('shows no stand-in secret', () => {
    for (const secret of Object.values(LOCAL_SECRETS)) expect(text).not.toContain(secret);
  });

  it('is linked from the README', () => {
    expect(readFileSync(join(process.cwd(), 'README.md'), 'utf8')).toContain('(docs/configuration.md)');
  });
});

function rowsOfSchema(): Row[] {
  return Object.entries(environment.shape)
    .map(([name, schema]) => ({ name, default: defaultOf(name), why: schema.description ?? '' }))
    .sort(byName);
}

function defaultOf(name: string): string {
  if (name in LOCAL_SECRETS) return 'stand-in';
  const parsed = environment.shape[name as keyof typeof environment.shape].safeParse(undefined);
  if (!parsed.success) return 'required';
  return parsed.data === undefined ? 'none' : `\`${parsed.data}\``;
}

/** The rows about variables in every table of the page. Their cells may be padded, and none holds a `|`. */
function cellsOf(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) => line.split('|').map((cell) => cell.trim())).map((cells) => cells.slice(1, -1));
}

function rowsOf(text: string): Row[] {
  return cellsOf(text)
    .map(([name = '', value = '', , why = '']) => ({ name: name.replaceAll('`', ''), default: value, why }))
    .sort(byName);
}

function byName(one: Row, other: Row): number {
  return one.name < other.name ? -1 : 1;
}
