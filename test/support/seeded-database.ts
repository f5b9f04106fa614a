import { join } from 'node:path';
import { createTestDatabase, databaseExists, type TestDatabase } from './database.js';
import { harness } from './harness.js';
import { Program } from './program.js';
import { environmentOf } from './shop-environment.js';

/** A database with the seeded catalogue and logins. The product's own seed runs once per worker of jest; every shop gets a copy. */
export async function seededDatabase(): Promise<TestDatabase> {
  const { templateDatabase, worker } = harness();
  const template = `${templateDatabase}_seeded_${worker}`;
  if (!(await databaseExists(template))) await seed(template);
  return createTestDatabase({ template });
}

async function seed(template: string): Promise<void> {
  const database = await createTestDatabase({ name: `${template}_unfinished` });
  const { databaseUrl } = database;
  const urls = { databaseUrl, redisUrl: harness().redisUrl, sandboxPort: 1, webPort: 1 };
  await new Program({
    name: 'seed',
    main: 'src/main.js',
    env: { ...environmentOf(urls), APP_MODE: 'seed' },
    logFile: join(harness().stateDir, 'logs', 'e2e-seed.log'),
  }).run();
  await database.close();
  const finished = await createTestDatabase({ template: database.name, name: template });
  await finished.close();
}
