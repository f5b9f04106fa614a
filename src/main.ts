import 'reflect-metadata';
import nodeModule from 'node:module';
import { type Config, InvalidEnvironment, readConfig } from './platform/config/config.js';
import type { APP_MODES } from './platform/config/config.schema.js';

type Mode = (typeof APP_MODES)[number];

/** Each mode loads what it needs and nothing else: a task that only migrates starts in half the time. */
const MODES: Readonly<Record<Mode, (config: Config) => Promise<void>>> = {
  web: async (config) => (await import('./app/web.bootstrap.js')).runWeb(config),
  worker: async (config) => (await import('./app/worker.bootstrap.js')).runWorker(config),
  migrate: async (config) => {
    const { migrate } = await import('./app/tasks/migrate.task.js');
    const applied = await migrate(config);
    say(applied.length > 0 ? `applied ${applied.join(', ')}` : 'the schema is current');
  },
  'migrate:check': async (config) => {
    const { differences } = await import('./app/tasks/migrate.task.js');
    const found = await differences(config);
    say(found.length > 0 ? found.join('\n') : 'entities and migrations agree');
    if (found.length > 0) process.exitCode = 1;
  },
  'ledger:verify': async (config) => {
    const { verifySealedLedger } = await import('./app/tasks/ledger-verify.task.js');
    const { lines, isSound } = await verifySealedLedger(config);
    say(lines.join('\n'));
    if (!isSound) process.exitCode = 1;
  },
  seed: async (config) => {
    await (await import('./app/tasks/seed.task.js')).seed(config);
    say('the demonstration shop is there');
  },
  openapi: async (config) => (await import('./app/tasks/openapi.task.js')).writeOpenApi(config),
};

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Makes stacks name our own sources. Node's flag for it keeps the maps of all packages, too, a tenth of a server's memory.
 * Older versions of Node, and the types, lack this; stacks name the built files there.
 */
function mapStacks(): void {
  const { setSourceMapsSupport } = nodeModule as {
    setSourceMapsSupport?: (isEnabled: boolean, of: { nodeModules: boolean; generatedCode: boolean }) => void;
  };
  setSourceMapsSupport?.(true, { nodeModules: false, generatedCode: false });
}

mapStacks();
try {
  const config = readConfig(process.env);
  await MODES[config.APP_MODE](config);
} catch (error) {
  const text =
    error instanceof InvalidEnvironment ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
