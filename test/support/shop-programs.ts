import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from './program.js';
import { WEBHOOK_SECRET } from './shop-environment.js';

export type Role = 'web' | 'worker' | 'sandbox';

export interface ProgramFacts {
  readonly product: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly sandboxPort: number;
  readonly web: number;
  readonly folder: string;
}

/** Every process of one shop, not started yet. `env` may set the sandbox's own variables, too. */
export function programsOf({ product, env, ports, sandboxPort, web, folder }: ProgramFacts): Record<Role, Program[]> {
  rmSync(folder, { recursive: true, force: true });
  const one = (mode: 'web' | 'worker') => (port: number, index: number) =>
    new Program({
      name: `${mode} ${index + 1}`,
      main: 'src/main.js',
      env: {
        ...product,
        DATABASE_URL: withName(product.DATABASE_URL ?? '', `${mode}-${index}`),
        APP_MODE: mode,
        PORT: String(port),
      },
      logFile: join(folder, `${mode}-${index + 1}.log`),
      readyUrl: `http://127.0.0.1:${port}/health/ready`,
    });
  const sandbox = new Program({
    name: 'sandbox',
    main: 'tools/sandbox/main.js',
    env: {
      SANDBOX_PORT: String(sandboxPort),
      SANDBOX_DATA_DIR: join(folder, 'sandbox'),
      SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${ports[0]}/v1/webhooks/stripe`,
      SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET,
      SANDBOX_STRIPE_KEY: product.STRIPE_SECRET_KEY ?? '',
      ...Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('SANDBOX_'))),
    },
    logFile: join(folder, 'sandbox.log'),
    readyUrl: `http://127.0.0.1:${sandboxPort}/_sandbox/health`,
  });
  return { sandbox: [sandbox], web: ports.slice(0, web).map(one('web')), worker: ports.slice(web).map(one('worker')) };
}

/** PostgreSQL can say which process is asking: `application_name` in pg_stat_activity. */
function withName(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('application_name', name);
  return url.toString();
}
