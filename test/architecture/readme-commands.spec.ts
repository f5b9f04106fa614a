import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PAYMENT_STATUSES } from '../../src/domains/payments/payment-status.js';
import { REFUND_STATUSES } from '../../src/domains/payments/refunds/refund-status.js';
import { SEEDED_LOGINS } from '../../src/domains/users/users.seed.js';
import { APP_MODES } from '../../src/platform/config/config.schema.js';

const ROOT = process.cwd();
const PAGES = [
  'README.md',
  'docs/configuration.md',
  'docs/problems.md',
  'docs/promises.md',
  'docs/secrets.md',
  'docs/threat-model.md',
  'SECURITY.md',
  'tools/sandbox/README.md',
  ...decisions(),
];

const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
const readme = read('README.md');

describe('the README', () => {
  it('names the two commands first, each on a line of its own', () => {
    const lines = readme.split('\n').filter((line) => /^npm /.test(line));
    expect(lines.slice(0, 2)).toEqual(['npm start', 'npm test']);
  });

  it('names no command that package.json does not have', () => {
    expect(commandsIn(readme).filter((name) => !scripts.includes(name))).toEqual([]);
  });

  it('names every command that people type', () => {
    const typed = scripts.filter((name) => !name.startsWith('check:'));
    expect(typed.filter((name) => !commandsIn(readme).includes(name))).toEqual([]);
  });

  it('would not pass with a command that is not there', () => {
    expect(commandsIn('`npm run fly` and `npm test`')).toEqual(['fly', 'test']);
    expect(scripts).not.toContain('fly');
  });

  it('names every mode of the product, and the seeded logins as they are seeded', () => {
    for (const mode of APP_MODES) expect(readme).toContain(`\`${mode}\``);
    for (const { email } of SEEDED_LOGINS) expect(readme).toContain(email);
  });

  it('names every status of a payment, and of a refund, in its table', () => {
    const rows = [...readme.matchAll(/^\| `([a-z_]+)` +\| [^|]+ \| (?:yes|no) /gm)].map(([, status]) => status);
    expect(rows).toEqual([...PAYMENT_STATUSES, ...REFUND_STATUSES]);
  });
});

describe.each(PAGES)('%s', (page) => {
  const text = read(page);

  it('links only to what is there', () => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const local = targets.filter((target) => !/^(https?:|#)/.test(target)).map((target) => target.split('#')[0] ?? '');
    expect(local.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
  });

  it('names only files that are there', () => {
    const named = [...text.matchAll(/`((?:src|migrations|test|tools|docs|\.ci)\/[\w./-]+)`/g)].map(
      ([, file = '']) => file,
    );
    expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });
});

describe('the decisions', () => {
  it('are numbered without a gap, and each says its context, decision and cost', () => {
    const numbers = decisions().map((page) => Number(/\/(\d{4})-[a-z0-9-]+\.md$/.exec(page)?.[1]));
    expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
    for (const page of decisions()) {
      expect([...read(page).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
        'Context',
        'Decision',
        'Cost',
      ]);
    }
  });
});

/** `npm run x`, and the few that need no `run`. */
function commandsIn(text: string): string[] {
  const found = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
    ([, run, short = '']) => run ?? short,
  );
  return [...new Set(found)];
}

function decisions(): string[] {
  return readdirSync(join(ROOT, 'docs', 'adr'))
    .sort()
    .map((file) => `docs/adr/${file}`);
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
