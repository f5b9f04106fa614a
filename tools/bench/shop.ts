import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { LOCAL_SECRETS } from '../../src/platform/config/config.schema.js';
import { RAISED_LIMITS } from '../../test/support/raised-limits.js';
import { freePorts, Program } from './program.js';
import type { Setting } from './setting.js';

/** The programs under load: the reference, the web server, and the stand-in for its providers. */
export interface Contestants {
  readonly raw: Program;
  readonly web: Program;
  readonly rawUrl: string;
  readonly webUrl: string;
  readonly sandboxUrl: string;
  /** Starts a worker, which hears of what happens from then on. */
  readonly startWorker: () => Promise<Program>;
  readonly stop: () => Promise<void>;
}

export async function startContestants(setting: Setting): Promise<Contestants> {
  const [rawPort = 0, webPort = 0, workerPort = 0, sandboxPort = 0] = await freePorts(4);
  const [rawUrl, webUrl, sandboxUrl] = [local(rawPort), local(webPort), local(sandboxPort)];
  const env = environmentOf(setting, { webUrl, sandboxUrl });
  const raw = rawProgram(setting, rawPort);
  const web = productProgram(setting, { mode: 'web', port: webPort, env });
  const programs = [raw, web, sandboxProgram(setting, { port: sandboxPort, webUrl })];
  const stop = async () => void (await Promise.all(programs.map((program) => program.stop())));
  const startWorker = async () => {
    await forgetDeliveries(setting);
    const worker = productProgram(setting, { mode: 'worker', port: workerPort, env });
    programs.push(worker);
    await worker.ready();
    return worker;
  };
  try {
    await Promise.all(programs.map((program) => program.ready()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { raw, web, rawUrl, webUrl, sandboxUrl, startWorker, stop };
}

function rawProgram(setting: Setting, port: number): Program {
  const env = { RAW_PORT: String(port), DATABASE_URL: setting.databaseUrl };
  return new Program({ name: 'raw', main: 'tools/bench/raw/main.js', env, readyUrl: `${local(port)}/ready` }, setting);
}

function productProgram(
  setting: Setting,
  { mode, port, env }: { mode: 'web' | 'worker'; port: number; env: Record<string, string> },
): Program {
  const own = { ...env, APP_MODE: mode, PORT: String(port) };
  const readyUrl = `${local(port)}/health/ready`;
  return new Program({ name: mode, main: 'src/main.js', env: own, readyUrl }, setting);
}

function local(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** As in production, but for the stand-ins and the address the load comes from. */
function environmentOf(
  { databaseUrl, redisUrl }: Setting,
  { webUrl, sandboxUrl }: { webUrl: string; sandboxUrl: string },
): Record<string, string> {
  return {
    APP_ENV: 'local',
    HOST: '127.0.0.1',
    PUBLIC_URL: webUrl,
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    STRIPE_API_URL: sandboxUrl,
    SENDGRID_API_URL: sandboxUrl,
    ...RAISED_LIMITS,
    SHUTDOWN_DRAIN_MS: '0',
  };
}

function sandboxProgram(setting: Setting, { port, webUrl }: { port: number; webUrl: string }): Program {
  const dataDir = join(setting.stateDir, 'sandbox');
  rmSync(dataDir, { recursive: true, force: true });
  return new Program(
    {
      name: 'sandbox',
      main: 'tools/sandbox/main.js',
      env: {
        SANDBOX_PORT: String(port),
        SANDBOX_DATA_DIR: dataDir,
        SANDBOX_WEBHOOK_URL: `${webUrl}/v1/webhooks/stripe`,
        SANDBOX_WEBHOOK_SECRET: LOCAL_SECRETS.STRIPE_WEBHOOK_SECRET,
      },
      readyUrl: `${local(port)}/_sandbox/health`,
    },
    setting,
  );
}

/** What earlier scenes left to be told would keep a worker busy with other people's letters. */
async function forgetDeliveries({ superuserUrl }: Setting): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  await client.query('DELETE FROM event_deliveries').finally(() => client.end());
}

/** Logs a seeded customer in, as any client does. */
export async function logIn(webUrl: string, login: Setting['login']): Promise<string> {
  const reply = await fetch(`${webUrl}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(login),
  });
  const { accessToken } = (await reply.json()) as { accessToken?: string };
  if (!accessToken) throw new Error(`the seeded login was refused with ${reply.status}`);
  return accessToken;
}
