import 'reflect-metadata';
import { runWeb } from './app/web.bootstrap.js';
import { runWorker } from './app/worker.bootstrap.js';
import { differences, migrate } from './app/tasks/migrate.task.js';
import { seed } from './app/tasks/seed.task.js';
import { writeOpenApi } from './app/tasks/openapi.task.js';
import { type Config, InvalidEnvironment, readConfig } from './platform/config/config.js';
import type { APP_MODES } from './platform/config/config.schema.js';

type Mode = (typeof APP_MODES)[number];

const MODES: Readonly<Record<Mode, (config: Config) => Promise<void>>> = {
  web: runWeb,
  worker: runWorker,
  migrate: async (config) => {
    const applied = await migrate(config);
    say(applied.length > 0 ? `applied ${applied.join(', ')}` : 'the schema is current');
  },
  'migrate:check': async (config) => {
    const found = await differences(config);
    say(found.length > 0 ? found.join('\n') : 'entities and migrations agree');
    if (found.length > 0) process.exitCode = 1;
  },
  seed: async (config) => {
    await seed(config);
    say('the demonstration shop is there');
  },
  openapi: writeOpenApi,
};

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  const config = readConfig(process.env);
  await MODES[config.APP_MODE](config);
} catch (error) {
  const text =
    error instanceof InvalidEnvironment ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
