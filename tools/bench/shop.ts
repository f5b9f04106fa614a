import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, Program } from './program.js';
import type { Setting } from './setting.js';

/** The requests of the bench come from one address; the limit is raised, never switched off. */
const RATE_LIMIT_PER_MINUTE = '1000000';

/** The three programs under load: the reference, the web server, and the card provider's stand-in. */
export interface Contestants {
  readonly raw: Program;
  readonly web: Program;
  readonly rawUrl: string;
  readonly webUrl: string;
  readonly stop: () => Promise<void>;
}

export async function startContestants(setting: Setting): Promise<Contestants> {
  const [rawPort = 0, webPort = 0, sandboxPort = 0] = await freePorts(3);
  const rawUrl = `http://127.0.0.1:${rawPort}`;
  const webUrl = `http://127.0.0.1:${webPort}`;
  const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
  const raw = new Program(
    {
      name: 'raw',
      main: 'tools/bench/raw/main.js',
      env: { RAW_PORT: String(rawPort), DATABASE_URL: setting.databaseUrl },
      readyUrl: `${rawUrl}/ready`,
    },
    setting,
  );
  const web = new Program(
    {
      name: 'web',
      main: 'src/main.js',
      env: webEnvironment(setting, { webPort, sandboxUrl }),
      readyUrl: `${webUrl}/health/ready`,
    },
    setting,
  );
  const sandbox = sandboxProgram(setting, sandboxPort);
  const programs = [raw, web, sandbox];
  const stop = async () => void (await Promise.all(programs.map((program) => program.stop())));
  try {
    await Promise.all(programs.map((program) => program.ready()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { raw, web, rawUrl, webUrl, stop };
}

/** As in production, but for the stand-ins and the address the load comes from. */
function webEnvironment(
  { databaseUrl, redisUrl }: Setting,
  { webPort, sandboxUrl }: { webPort: number; sandboxUrl: string },
): Record<string, string> {
  return {
    APP_ENV: 'local',
    APP_MODE: 'web',
    HOST: '127.0.0.1',
    PORT: String(webPort),
    PUBLIC_URL: `http://127.0.0.1:${webPort}`,
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    STRIPE_API_URL: sandboxUrl,
    SENDGRID_API_URL: sandboxUrl,
    RATE_LIMIT_PER_MINUTE,
    SHUTDOWN_DRAIN_MS: '0',
  };
}

/** Sends no webhooks: what is measured is the purchase, not its echo. */
function sandboxProgram(setting: Setting, port: number): Program {
  const dataDir = join(setting.stateDir, 'sandbox');
  rmSync(dataDir, { recursive: true, force: true });
  return new Program(
    {
      name: 'sandbox',
      main: 'tools/sandbox/main.js',
      env: { SANDBOX_PORT: String(port), SANDBOX_DATA_DIR: dataDir },
      readyUrl: `http://127.0.0.1:${port}/_sandbox/health`,
    },
    setting,
  );
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
