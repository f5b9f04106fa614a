import type { Config } from '../../platform/config/config.js';
import { openApiDocument } from '../../platform/http/swagger.js';
import { createWeb } from '../web.bootstrap.js';

/** Writes the OpenAPI document to stdout. */
export async function writeOpenApi(config: Config): Promise<void> {
  const app = await createWeb(config);
  process.stdout.write(`${JSON.stringify(openApiDocument(app), null, 2)}\n`);
  await app.close();
}
