import fc from 'fast-check';
import { refuseHarmful, JSON_DEPTH_MAX, JSON_MEMBERS_MAX } from './json-guard.js';

function isRefused(text: string): boolean {
  try {
    refuseHarmful(Buffer.from(text));
    return false;
  } catch {
    return true;
  }
}

/** Whether PostgreSQL would refuse a text of it. */
function isUnstorable(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0') || Buffer.from(value).toString() !== value;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, member]) => isUnstorable(name) || isUnstorable(member));
}

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });
const trickyText = fc.string({
  unit: fc.constantFrom('\\', '"', 'u', '0', 'd', '8', '\0', '\ud83d', '\ude00', '{', '[', ','),
});
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, anyText, trickyText, fc.integer(), tie('list'), tie('object')),
  list: fc.array(tie('tree'), { maxLength: 5 }),
  object: fc.dictionary(trickyText, tie('tree'), { maxKeys: 5 }),
}));

describe('refuseHarmful', () => {
  it('refuses exactly what PostgreSQL could not store', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(isRefused(JSON.stringify(value))).toBe(isUnstorable(value));
      }),
      { numRuns: 2_000 },
    );
  });

  it('counts levels outside texts only', () => {
    expect(isRefused(nested(JSON_DEPTH_MAX))).toBe(false);
    expect(isRefused(nested(JSON_DEPTH_MAX + 1))).toBe(true);
    expect(isRefused(JSON.stringify(nested(1_000)))).toBe(false);
    expect(isRefused(JSON.stringify(`\\"${nested(1_000)}`))).toBe(false);
  });

  it('counts members and elements outside texts only', () => {
    expect(isRefused(JSON.stringify(Array.from({ length: JSON_MEMBERS_MAX }, () => 1)))).toBe(false);
    expect(isRefused(JSON.stringify(Array.from({ length: JSON_MEMBERS_MAX + 1 }, () => 1)))).toBe(true);
    expect(isRefused(JSON.stringify(','.repeat(5_000)))).toBe(false);
  });

  it.each(['"\\ud83d\\ude00"', '"\\uD83D\\uDE00"', '"\\\\u0000"', '"\\u00e9"', '"\\u', '"\\', '"\\uzzzz"'])(
    'leaves %s to the parser',
    (text) => {
      expect(isRefused(text)).toBe(false);
    },
  );

  it('takes no longer than its bytes', () => {
    const startedAt = performance.now();
    for (const text of ['"\\'.repeat(50_000), '[{"'.repeat(30_000), '\\u'.repeat(50_000)]) isRefused(text);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
