import type { OpenAPIObject } from '@nestjs/swagger';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

/** Of which the document says on purpose that codes add members of their own. */
const OPEN = new Set(['ProblemDocument']);

/**
 * What a reply has and its schema does not, or the other way round. Stricter than JSON Schema: a member the document does
 * not name is a mistake, whatever `additionalProperties` would allow by default.
 */
export class SchemaCheck {
  constructor(private readonly document: OpenAPIObject) {}

  mistakesIn(value: unknown, schema: Schema, at = '#'): string[] {
    const { name, whole } = this.resolved(schema);
    if (value === null) return whole.nullable || schema.nullable ? [] : [`${at} is null`];
    const choices = whole.oneOf ?? whole.anyOf;
    if (choices) return this.bestOf(value, choices, at);
    if (whole.enum && !Array.isArray(value)) return whole.enum.includes(value) ? [] : [`${at} is not in the enum`];
    switch (whole.type) {
      case 'array':
        if (!Array.isArray(value)) return [`${at} is no array`];
        return value.flatMap((item, index) => this.mistakesIn(item, whole.items ?? {}, `${at}/${index}`));
      case 'object':
        return this.mistakesInObject(value, { whole, isOpen: OPEN.has(name) }, at);
      case 'integer':
        return Number.isInteger(value) ? [] : [`${at} is no integer`];
      case undefined:
        return [];
      default:
        return typeof value === whole.type ? [] : [`${at} is no ${whole.type}`];
    }
  }

  private mistakesInObject(
    value: unknown,
    { whole, isOpen }: { whole: Schema; isOpen: boolean },
    at: string,
  ): string[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at} is no object`];
    const { properties = {}, required = [], additionalProperties } = whole;
    const missing = required.filter((name) => !(name in value)).map((name) => `${at}/${name} is missing`);
    const others = Object.entries(value).flatMap(([name, member]) => {
      const known = properties[name];
      if (known) return this.mistakesIn(member, known, `${at}/${name}`);
      if (typeof additionalProperties === 'object')
        return this.mistakesIn(member, additionalProperties, `${at}/${name}`);
      return additionalProperties === true || isOpen ? [] : [`${at}/${name} is not in the document`];
    });
    return [...missing, ...others];
  }

  private bestOf(value: unknown, choices: readonly Schema[], at: string): string[] {
    const all = choices.map((choice) => this.mistakesIn(value, choice, at));
    return all.sort((one, other) => one.length - other.length)[0] ?? [];
  }

  /** The schema itself, with the members of all it is made of. */
  private resolved(schema: Schema): { name: string; whole: Schema } {
    const name = schema.$ref?.split('/').at(-1) ?? '';
    const own = name ? ((this.document.components?.schemas?.[name] ?? {}) as Schema) : schema;
    const parts = (own.allOf ?? []).map((part) => this.resolved(part).whole);
    const whole = { ...Object.assign({}, ...parts), ...own } as Schema;
    return { name, whole };
  }
}
