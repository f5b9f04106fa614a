import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  ArrayMinSize,
  getMetadataStorage,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  Length,
  registerDecorator,
  ValidateIf,
  ValidateNested,
  validate,
  validateSync,
} from 'class-validator';
import fc from 'fast-check';
import { OrderLine } from '../../src/domains/orders/orders.dto.js';
import { isKnownGood } from '../../src/platform/http/known-good.js';
import { newId } from '../../src/shared/ids.js';

type Class = new () => object;

const OPTIONS = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true, stopAtFirstError: true };
const RUNS = 300;
const SOURCES = join(process.cwd(), 'src');

/** Of everything that any class takes, and of what none does. */
const VALUES: readonly unknown[] = [
  ...['', 'text', 'two\nlines', 'x'.repeat(300), 'a sentence that is long enough', 'MUG-1', 'Mug'],
  ...['a@purser.test', newId(), newId().toUpperCase(), '123456', 'a'.repeat(43), 'EUR', 'eur', 'https://purser.test/'],
  ...[
    '2026-11-01',
    '2026-11-01T00:00:00Z',
    '2099-11-01T00:00:00.000Z',
    'card',
    'manual',
    'automatic',
    'pending',
    'user',
  ],
  ...['captured', 'duplicate', 'requested_by_customer', 'cookie', 'en', 'confirmed', 'closed', 'pi_1'],
  ...[0, 1, 2, -1, 1.5, 50, 999, 100_000, 1e15, Number.NaN, true, false, null, undefined],
  ...[
    [],
    [null],
    [1],
    ['user'],
    ['user', 'user'],
    ['orders.read'],
    {},
    [{}],
    new Set(['user']),
    new Map([[1, 'user']]),
  ],
];

/** Loads every class that a route reads, and gives those with rules. */
function requestClasses(): [string, Class][] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /(\.dto|\/page|\/period)\.ts$/.test(name)))
    jest.requireActual(join(SOURCES, file));
  const { validationMetadatas } = getMetadataStorage() as unknown as { validationMetadatas: Map<Class, unknown> };
  return [...validationMetadatas.keys()].map((one) => [one.name, one]);
}

const classes = requestClasses();

function rulesOf(of: Class) {
  return getMetadataStorage().getTargetValidationMetadatas(of, '', false, false);
}

function made(of: Class, members: object): object {
  return Object.assign(new of(), members);
}

function isGood(object: object): boolean {
  return validateSync(object, OPTIONS).length === 0;
}

/** What this member may be, as class-validator sees it, beside objects of the classes it may hold. */
function goodValues(of: Class, name: string, values: readonly unknown[]): unknown[] {
  const isRefused = (value: unknown) =>
    validateSync(made(of, { [name]: value }), OPTIONS).some(({ property }) => property === name);
  return values.filter((value) => !isRefused(value));
}

/** Objects of a class, most of them right, some wrong in one place or in several, some with members it does not have. */
function objectsOf(of: Class, values: readonly unknown[] = VALUES): fc.Arbitrary<object> {
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  for (const name of new Set(rulesOf(of).map(({ propertyName }) => propertyName))) {
    const good = goodValues(of, name, values);
    const any = fc.constantFrom(...values);
    members[name] = good.length > 0 ? fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...good) }, any) : any;
  }
  const unknown = fc.constantFrom('isAdmin', 'constructor');
  const strangers = fc.oneof(
    { weight: 9, arbitrary: fc.constant({}) },
    unknown.map((name) => ({ [name]: 1 })),
  );
  return fc
    .tuple(fc.record(members, { requiredKeys: [] }), strangers)
    .map(([own, more]) => made(of, { ...own, ...more }));
}

/** The only class whose objects another one holds. */
const lines = fc.sample(objectsOf(OrderLine), { numRuns: 40, seed: 1 });
const values = [...VALUES, ...lines, ...lines.map((line) => [line]), lines.slice(0, 2)];

describe('what is let through without class-validator', () => {
  it.each(classes)('%s: is what class-validator lets through', (_name, of) => {
    let good = 0;
    const check = (object: object) => {
      const known = isKnownGood(object);
      good += Number(known);
      expect(known).toBe(isGood(object));
    };
    fc.assert(fc.property(objectsOf(of, values), check), { numRuns: RUNS });
    expect(good).toBeGreaterThan(0);
  });
});

class Part {
  @IsInt()
  count!: number;
}

class Whole {
  @IsString({ each: true })
  names!: unknown;

  @ValidateIf((whole: Whole) => whole.names !== undefined)
  @Length(2, 4)
  code?: unknown;

  @IsOptional()
  @IsString({ validateIf: (whole: Whole) => whole.code !== 'free' })
  text?: unknown;

  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  parts!: unknown;
}

class Inherited extends Whole {}

const part = (count: unknown) => Object.assign(new Part(), { count });
const whole = (facts: object, of: Class = Whole) => made(of, { names: ['a'], code: 'abc', parts: [part(1)], ...facts });

describe('every kind of rule', () => {
  it.each([
    ['a whole one', whole({}), true],
    ['one of a class that inherits its rules', whole({}, Inherited), true],
    ['and breaks one', whole({ code: 'a' }, Inherited), false],
    ['one of several values', whole({ names: ['a', 1] }), false],
    ['a value alone where several may be', whole({ names: 'a' }), true],
    ['a condition that does not hold', made(Whole, { parts: [part(1)] }), false],
    ['an optional member that is null', whole({ text: null }), true],
    ['an optional member that is wrong', whole({ text: 1 }), false],
    ['a rule with a condition of its own', whole({ text: 1, code: 'free' }), true],
    ['a part that is wrong', whole({ parts: [part(1), part(1.5)] }), false],
    ['a part of no class', whole({ parts: [{ count: 1 }] }), false],
    ['parts in lists', whole({ parts: [[part(1)]] }), true],
    ['a part that is a number', whole({ parts: [1] }), false],
    ['a part with more than it has', whole({ parts: [Object.assign(part(1), { isAdmin: true })] }), false],
  ])('%s', (_name, object, good) => {
    expect([isKnownGood(object), isGood(object)]).toEqual([good, good]);
  });

  it('what holds several in a set or a map is left to class-validator', () => {
    for (const names of [new Set(['a']), new Map([[1, 'a']])]) {
      expect([isKnownGood(whole({ names })), isGood(whole({ names }))]).toEqual([false, true]);
    }
  });

  it('and so is a class with a rule that takes time', async () => {
    class Slow {
      text = 'a';
    }
    const validator = { validate: () => Promise.resolve(true) };
    registerDecorator({ name: 'slow', target: Slow, propertyName: 'text', async: true, validator });
    expect([isKnownGood(new Slow()), await validate(new Slow(), OPTIONS)]).toEqual([false, []]);
  });

  it('and a member named as what every object has, which it takes for one with rules', () => {
    const odd = whole({ hasOwnProperty: 1 });
    expect([isKnownGood(odd), isGood(odd)]).toEqual([false, true]);
  });

  it('and a class without rules', () => {
    expect([isKnownGood({}), isGood({})]).toEqual([false, false]);
  });
});
