import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Config } from '../platform/config/config.js';
import { Log } from '../platform/telemetry/log.js';
import { WorkerModule } from './worker.module.js';

/** The worker listens too, for its probes and metrics only. */
export async function runWorker(config: Config): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(WorkerModule.for(config), { logger: new Log(config) });
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await app.listen(config.PORT, config.HOST);
  app.get(Log).info({ message: 'worker ready', port: config.PORT });
}
