import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { foreseeSession } from '../platform/auth/foresee-session.middleware.js';
import { SessionCopies } from '../platform/auth/session-copies.js';
import { UserLimit } from '../platform/auth/user-limit.js';
import { VerifiedTokens } from '../platform/auth/verified-tokens.js';
import type { Config } from '../platform/config/config.js';
import { configureWeb } from '../platform/http/configure-web.js';
import { JsonAdapter } from '../platform/http/replies/json-adapter.js';
import { Log } from '../platform/telemetry/log.js';
import { WebModule } from './web.module.js';

/** The web server, configured and not yet listening. */
export async function createWeb(config: Config): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(WebModule.for(config), new JsonAdapter(), {
    bodyParser: false,
    logger: new Log(config),
  });
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  const foreseen = { copies: app.get(SessionCopies), limit: app.get(UserLimit) };
  await configureWeb(app, config, [foreseeSession(app.get(VerifiedTokens), foreseen)]);
  return app;
}

export async function runWeb(config: Config): Promise<void> {
  const app = await createWeb(config);
  await app.listen(config.PORT, config.HOST);
  app.get(Log).info({ message: 'web server ready', port: config.PORT });
}
