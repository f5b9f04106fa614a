import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JsonObject } from '../core/json.js';

/** Stripe's own server for tests; its module carries the OpenAPI document that Stripe publishes, and a fixture per object. */
const MODULE = 'github.com/stripe/stripe-mock@v0.203.0';
const SUM = 'h1:EzW7nb/fphqcAkgVRHAaC88OaAZo6SBWSl54cflDTio=';
const GO = ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go', '/opt/homebrew/bin/go'];

/** What a schema of that document may say; anything else is refused, so that nothing goes unchecked unnoticed. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly format?: string;
  readonly maxLength?: number;
  readonly pattern?: string;
}

type Responses = Readonly<Record<string, { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }>>;

export interface StripeDocument {
  readonly version: string;
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>;
  /** One whole object of each kind. */
  readonly fixtures: Readonly<Record<string, JsonObject>>;
}

/** Downloads the module into a folder, through whatever Go proxy this machine uses, and checks that it is the one meant. */
export async function downloadDocument(folder: string): Promise<StripeDocument> {
  // Go makes what it unpacks read-only; it is to be thrown away.
  const env = { ...process.env, GOMODCACHE: folder, GOFLAGS: '-modcacherw' };
  const { Dir, Sum } = JSON.parse(await go(['mod', 'download', '-json', MODULE], { cwd: folder, env })) as {
    Dir: string;
    Sum: string;
  };
  if (Sum !== SUM) throw new Error(`${MODULE} is not what it was: ${Sum}`);
  const read = async (file: string): Promise<unknown> =>
    JSON.parse(await readFile(join(Dir, 'embedded', 'openapi', file), 'utf8'));
  const document = (await read('spec3.json')) as {
    info: { version: string };
    components: Pick<StripeDocument, 'schemas'>;
  } & Pick<StripeDocument, 'paths'>;
  const { resources } = (await read('fixtures3.json')) as { resources: StripeDocument['fixtures'] };
  const { info, components, paths } = document;
  return { version: info.version, schemas: components.schemas, paths, fixtures: resources };
}

async function go(args: string[], where: { cwd: string; env: NodeJS.ProcessEnv }): Promise<string> {
  for (const program of GO) {
    try {
      return (await promisify(execFile)(program, args, where)).stdout;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('Go is needed to download what Stripe publishes (https://go.dev/dl), and is not installed here.');
}
