import type { JsonObject } from '../core/json.js';
import type { Schema, StripeDocument } from './document.js';

/**
 * `breaks`: the schema does not allow it. `unlisted`: a key the schema does not know, which it does not forbid.
 * `missing`: a key that Stripe's own fixture of this object has; the schema requires very few.
 */
export interface Remark {
  readonly kind: 'breaks' | 'unlisted' | 'missing';
  /** Where, from the nearest object of Stripe's: `payment_intent.next_action.type`. */
  readonly at: string;
  readonly says: string;
}

const ANNOTATIONS = /^(x-|description$|title$|deprecated$)/;
const CHECKED: ReadonlySet<string> = new Set<keyof Schema>([
  '$ref',
  'type',
  'nullable',
  'enum',
  'anyOf',
  'properties',
  'required',
  'items',
  'additionalProperties',
  'format',
  'maxLength',
  'pattern',
]);

const FORMATS: Readonly<Record<string, (value: unknown) => boolean>> = {
  'unix-time': (value) => Number.isInteger(value) && Number(value) > 0,
  currency: (value) => /^[a-z]{3}$/.test(String(value)),
  decimal: (value) => /^-?\d+(\.\d+)?$/.test(String(value)),
};

/** Holds values against Stripe's document: the part of JSON Schema that it uses, with OpenAPI 3.0's `nullable`. */
export class Judge {
  constructor(private readonly document: Pick<StripeDocument, 'schemas' | 'fixtures'>) {}

  /** Everything that can be said against a value. */
  remarks(schema: Schema, value: unknown, at: string): Remark[] {
    refuseUnknown(schema, at);
    if (schema.$ref !== undefined) return this.referred(schema.$ref, value, at);
    if (value === null) return schema.nullable ? [] : [breaks(at, 'is null')];
    if (schema.anyOf) return this.best(schema.anyOf, value, at);
    if (schema.enum && !schema.enum.includes(value)) return [breaks(at, `is ${JSON.stringify(value)}, not listed`)];
    if (schema.type !== undefined && !isOf(schema.type, value)) return [breaks(at, `is no ${schema.type}`)];
    if (Array.isArray(value)) return value.flatMap((item) => this.remarks(schema.items ?? {}, item, `${at}[]`));
    if (typeof value === 'object') return this.ofObject(schema, value as JsonObject, at);
    return ofScalar(schema, value, at);
  }

  private referred(reference: string, value: unknown, at: string): Remark[] {
    const name = reference.replace('#/components/schemas/', '');
    const schema = this.document.schemas[name];
    if (!schema) throw new Error(`the document has no ${reference}`);
    const isObjectOfStripe = schema.properties?.['object'] !== undefined;
    return this.remarks(schema, value, isObjectOfStripe ? name : at);
  }

  /** The branch that fits best speaks for all. */
  private best(branches: readonly Schema[], value: unknown, at: string): Remark[] {
    const verdicts = branches.map((branch) => this.remarks(branch, value, at));
    return verdicts.reduce((best, next) => (weightOf(next, at) < weightOf(best, at) ? next : best));
  }

  private ofObject(schema: Schema, value: JsonObject, at: string): Remark[] {
    const { properties, additionalProperties: rest, required = [] } = schema;
    const absent = required.filter((key) => !(key in value)).map((key) => breaks(`${at}.${key}`, 'is required'));
    const inside = Object.entries(value).flatMap(([key, member]): Remark[] => {
      const own = properties?.[key];
      if (own) return this.remarks(own, member, `${at}.${key}`);
      if (typeof rest === 'object') return this.remarks(rest, member, `${at}.*`);
      return properties ? [{ kind: 'unlisted', at: `${at}.${key}`, says: 'is not in the schema' }] : [];
    });
    return [...absent, ...inside, ...this.missing(schema, value, at)];
  }

  private missing({ properties }: Schema, value: JsonObject, at: string): Remark[] {
    const { object } = value;
    const fixture = properties?.['object'] && typeof object === 'string' ? this.document.fixtures[object] : undefined;
    const keys = Object.keys(fixture ?? {}).filter((key) => !(key in value));
    return keys.map((key) => ({ kind: 'missing', at: `${at}.${key}`, says: "is in Stripe's fixture" }));
  }
}

function ofScalar({ format, maxLength, pattern }: Schema, value: unknown, at: string): Remark[] {
  const isFormat = format === undefined ? undefined : FORMATS[format];
  if (format !== undefined && !isFormat) throw new Error(`${at}: the format ${format} is not checked yet`);
  if (isFormat && !isFormat(value)) return [breaks(at, `is ${JSON.stringify(value)}, no ${format}`)];
  const text = String(value);
  if (maxLength !== undefined && text.length > maxLength) return [breaks(at, `has more than ${maxLength} characters`)];
  if (pattern !== undefined && !new RegExp(pattern).test(text)) return [breaks(at, `does not match ${pattern}`)];
  return [];
}

function isOf(type: NonNullable<Schema['type']>, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && !Array.isArray(value);
  return typeof value === type;
}

/** Another kind of value altogether fits worse than one with something wrong inside. */
function weightOf(remarks: readonly Remark[], root: string): number {
  const weights = remarks.map(({ kind, at }) => (kind !== 'breaks' ? 1 : at === root ? 2_000 : 1_000));
  return weights.reduce((sum, weight) => sum + weight, 0);
}

function breaks(at: string, says: string): Remark {
  return { kind: 'breaks', at, says };
}

function refuseUnknown(schema: Schema, at: string): void {
  const unknown = Object.keys(schema).filter((key) => !CHECKED.has(key) && !ANNOTATIONS.test(key));
  if (unknown.length > 0) throw new Error(`${at}: ${unknown.join()} in a schema is not checked yet`);
}
