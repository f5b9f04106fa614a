import type { OpenAPIObject } from '@nestjs/swagger';

/** Stands in every hostile text: where it turns up, that text got there. */
export const MARK = 'fuzz7q';
export const NOBODYS_ID = '0190a1b2-0000-7000-8000-00000000dead';

const LONG = 50_000;
/** Node takes no longer head than this. */
const LONG_IN_URL = 8_000;

type Schema = Readonly<Record<string, unknown>> & {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly default?: unknown;
};

export interface Request {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** JSON, or nothing. */
  readonly raw?: string;
}

/** One place of one route that takes something, and everything hostile put into it. */
export interface Field {
  /** For example `POST /v1/orders items.0.quantity`. */
  readonly name: string;
  /** The statuses that the document has for this route. */
  readonly documented: ReadonlySet<string>;
  readonly requests: readonly Request[];
}

/** What a regular expression that backtracks, or one that looks at every end, takes longest over. */
function longTexts(length: number): string[] {
  const repeated = (part: string) => part.repeat(Math.ceil(length / part.length)).slice(0, length);
  return ['a', '0', ' ', '-', 'a.', 'a@', 'a-', 'é', '[{', '=&', '\t\u2028'].map((part) => `${repeated(part)}!`);
}

/** Half of a pair: no URL can carry it. */
const HALF = '\ud800';

const TEXTS = [
  `${MARK}' OR '1'='1`,
  `${MARK}'; DROP TABLE users; --`,
  `${MARK}') UNION SELECT password_hash FROM users --`,
  `${MARK}"; SELECT pg_sleep(9); --`,
  `${MARK}\\' OR 1=1 #`,
  `id ASC, (SELECT 1 FROM ${MARK})`,
  `$1 ${MARK} %s {{7*7}} \${7*7}`,
  `__proto__`,
  `constructor.prototype`,
  `../../../../etc/passwd`,
  `\r\nX-${MARK}: 1`,
  '\u0000',
  HALF,
  '',
];

/** As JSON, so that `__proto__` is a member and not a prototype. */
const NO_TEXTS = [
  'null',
  'true',
  '-1',
  '1e400',
  '9007199254740993',
  '0.1',
  '[]',
  '{}',
  `{"__proto__":{"polluted":1}}`,
  `{"constructor":{"prototype":{"polluted":1}}}`,
  `{"$ne":null,"$where":"${MARK}"}`,
  `{"length":1e9}`,
  `[[[[[[["${MARK}"]]]]]]]`,
  `{"toString":"${MARK}","toJSON":"x","then":"y"}`,
];

const POLLUTING = [
  `{"__proto__":{"polluted":1}}`,
  `{"constructor":{"prototype":{"polluted":1}}}`,
  `[{"__proto__":{"polluted":1}}]`,
  `"${MARK}"`,
  'null',
  '[]',
];

export function fieldsOf(document: OpenAPIObject): Field[] {
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
        .flatMap(([method, operation]) =>
          fieldsOfOperation({ document, path, method, operation: operation as Operation }),
        ),
    );
}

interface Operation {
  readonly parameters?: readonly { name: string; in: string; example?: unknown; schema?: Schema }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Route {
  readonly document: OpenAPIObject;
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function fieldsOfOperation({ document, path, method, operation }: Route): Field[] {
  const verb = method.toUpperCase();
  const documented = new Set(Object.keys(operation.responses));
  const resolve = (schema: Schema | undefined) => resolved(document, schema);
  const schema = resolve(operation.requestBody?.content?.['application/json']?.schema);
  const honest = schema ? exampleOf(schema, resolve) : undefined;
  const raw = honest === undefined ? {} : { raw: JSON.stringify(honest) };
  const sound = path.replaceAll(/\{\w+\}/g, NOBODYS_ID);
  const field = (name: string, requests: readonly Request[]): Field => ({
    name: `${verb} ${path} ${name}`,
    documented,
    requests,
  });
  const short = TEXTS.filter((text) => text !== HALF).map((text) => encodeURIComponent(text));
  const long = longTexts(LONG_IN_URL).map((text) => encodeURIComponent(text).slice(0, LONG_IN_URL));
  const hostileInUrl = [...short, ...long.map((text) => text.replace(/%.?$/, ''))];

  const inPath = [...path.matchAll(/\{\w+\}/g)].map(([param]) =>
    field(
      param,
      hostileInUrl.map((text) => ({
        method: verb,
        path: path.replace(param, text || '%20').replaceAll(/\{\w+\}/g, NOBODYS_ID),
        ...raw,
      })),
    ),
  );
  const known = (operation.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name);
  const queried = verb === 'GET' ? [...known, 'sort', 'filter'] : known;
  const inQuery = queried.map((name) =>
    field(
      `?${name}`,
      [
        ...hostileInUrl.map((text) => `${name}=${text}`),
        `${name}[__proto__]=1`,
        `${name}[$gt]=`,
        `__proto__[polluted]=1`,
      ].map((query) => ({ method: verb, path: `${sound}?${query}`, ...raw })),
    ),
  );
  if (!schema || honest === undefined) return [...inPath, ...inQuery];
  const texts = [...TEXTS, ...longTexts(LONG)].map((text) => JSON.stringify(text));
  const inBody = placesIn(honest).map((place) =>
    field(
      place.join('.'),
      [...texts, ...NO_TEXTS].map((value) => ({ method: verb, path: sound, raw: withValue(honest, place, value) })),
    ),
  );
  const whole = field(
    'body',
    POLLUTING.map((text) => ({ method: verb, path: sound, raw: text })),
  );
  return [...inPath, ...inQuery, ...inBody, whole];
}

function resolved(document: OpenAPIObject, schema: Schema | undefined): Schema | undefined {
  if (!schema) return undefined;
  const [of] = schema.allOf ?? [];
  if (of) return resolved(document, of);
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (document.components?.schemas?.[name] as Schema | undefined);
}

function exampleOf(schema: Schema, resolve: (schema: Schema | undefined) => Schema | undefined): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.properties) {
    const members = Object.entries(schema.properties).map(([name, one]) => [
      name,
      exampleOf(resolve(one) ?? {}, resolve),
    ]);
    return Object.fromEntries(members) as unknown;
  }
  if (schema.type === 'array') return [exampleOf(resolve(schema.items) ?? {}, resolve)];
  if (schema.default !== undefined || schema.enum) return schema.default ?? schema.enum?.[0];
  return { integer: 1, number: 1, boolean: true }[schema.type ?? ''] ?? 'text';
}

/** Every value of it, by the names that lead there. */
function placesIn(value: unknown, at: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return at.length > 0 ? [[...at]] : [];
  const inside = Object.entries(value).flatMap(([name, one]) => placesIn(one, [...at, name]));
  return at.length > 0 ? [[...at], ...inside] : inside;
}

const PLACE = '"@@here@@"';

/** The JSON of it with this JSON in that place. */
function withValue(honest: unknown, [name = '', ...rest]: readonly string[], json: string): string {
  const copy = structuredClone(honest) as Record<string, unknown>;
  let at = copy;
  let last = name;
  for (const next of rest) {
    at = at[last] as Record<string, unknown>;
    last = next;
  }
  at[last] = JSON.parse(PLACE);
  return JSON.stringify(copy).replace(PLACE, () => json);
}
