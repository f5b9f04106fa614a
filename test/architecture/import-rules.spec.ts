import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SUBSCRIBER_NAMES } from '../../src/contracts/domain-events.js';

jest.setTimeout(120_000);

const ROOT = process.cwd();
const RULES = join(ROOT, '.dependency-cruiser.cjs');
const CRUISER = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}

describe('the import rules', () => {
  it('are kept by everything that is built', async () => {
    const { violations, modules } = await cruise(ROOT, ['src', 'migrations']);
    expect(violations).toEqual([]);
    expect(modules).toBeGreaterThan(150);
  });

  describe('in a house that breaks each of them once', () => {
    /** What is wrong with each file, by the rule that has to find it. */
    const BROKEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      'no-circular': {
        'src/domains/one/first.ts': `import { second } from './second.js';\nexport const first = () => second;`,
        'src/domains/one/second.ts': `import { first } from './first.js';\nexport const second = () => first;`,
      },
      'shared-is-pure': { 'src/shared/impure.ts': `export { rule } from '../platform/rule.js';` },
      'contracts-know-nobody': { 'src/contracts/knowing.ts': `export { rule } from '../platform/rule.js';` },
      'platform-knows-no-domain': { 'src/platform/curious.ts': `export { thing } from '../domains/two/thing.js';` },
      'domains-do-not-meet': { 'src/domains/one/meeting.ts': `export type { Thing } from '../two/thing.js';` },
      'nothing-imports-app': { 'src/domains/one/upwards.ts': `export { app } from '../../app/app.js';` },
      'services-know-no-http': {
        'src/domains/one/loud.service.ts': `export { door } from '../../platform/http/door.js';`,
      },
      'the-product-knows-no-tool': { 'src/domains/one/tooled.ts': `export { tool } from '../../../tools/tool.js';` },
    };
    const INNOCENT: Readonly<Record<string, string>> = {
      'src/app/app.ts': 'export const app = 1;',
      'src/platform/rule.ts': 'export const rule = 1;',
      'src/platform/http/door.ts': 'export const door = 1;',
      'src/domains/two/thing.ts': 'export const thing = 1;\nexport type Thing = number;',
      'tools/tool.ts': 'export const tool = 1;',
    };
    let house: string;

    beforeEach(() => {
      house = mkdtempSync(join(tmpdir(), 'purser-broken-house-'));
      put(INNOCENT);
      writeFileSync(join(house, 'tsconfig.json'), readFileSync(join(ROOT, 'tsconfig.json')));
    });

    afterEach(() => rmSync(house, { recursive: true, force: true }));

    function put(files: Readonly<Record<string, string>>): void {
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(join(house, file)), { recursive: true });
        writeFileSync(join(house, file), text);
      }
    }

    it('are told, each by its own name, and nothing else is', async () => {
      expect((await cruise(house, ['src'])).violations).toEqual([]);
      for (const files of Object.values(BROKEN)) put(files);
      const { violations } = await cruise(house, ['src']);
      for (const { rule, from } of violations) expect(Object.keys(BROKEN[rule.name] ?? {})).toContain(from);
      expect([...new Set(violations.map(({ rule }) => rule.name))].sort()).toEqual(Object.keys(BROKEN).sort());
    });

    it('are all tried here', () => {
      const { forbidden } = createRequire(RULES)(RULES) as { forbidden: { name: string; severity: string }[] };
      expect(forbidden.map(({ name }) => name).sort()).toEqual(Object.keys(BROKEN).sort());
      expect(new Set(forbidden.map(({ severity }) => severity))).toEqual(new Set(['error']));
    });
  });
});

describe('the sources', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );

  it('have no barrel: whoever imports names the file', () => {
    expect(files.filter((file) => /(^|\/)index\.ts$/.test(file))).toEqual([]);
  });

  it('reach for nobody who is not there yet; only main.ts loads late, the mode that runs', () => {
    const reaching = files.filter((file) => /\bforwardRef\(|\bModuleRef\b|\bimport\(/.test(read(file)));
    expect(reaching).toEqual(['main.ts']);
  });

  it('have ears for every subscriber, and no others', () => {
    const ears = files.flatMap((file) => [...read(file).matchAll(/@Processor\('([^']+)'\)/g)].map(([, name]) => name));
    expect(ears.sort()).toEqual([...SUBSCRIBER_NAMES].sort());
  });

  function read(file: string): string {
    return readFileSync(join(ROOT, 'src', file), 'utf8');
  }
});

function cruise(folder: string, paths: readonly string[]): Promise<{ violations: Violation[]; modules: number }> {
  const args = [CRUISER, ...paths, '--config', RULES, '--output-type', 'json'];
  return new Promise((resolve, reject) => {
    // Its exit code is the number of violations: what it printed tells more.
    execFile(process.execPath, args, { cwd: folder, maxBuffer: OUTPUT_BYTES_MAX }, (error, stdout, stderr) => {
      if (stdout === '') {
        reject(new Error(stderr, { cause: error }));
        return;
      }
      const { summary } = JSON.parse(stdout) as { summary: { violations: Violation[]; totalCruised: number } };
      resolve({ violations: summary.violations, modules: summary.totalCruised });
    });
  });
}
