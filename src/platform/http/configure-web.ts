import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import type { Server } from 'node:http';
import type { RequestHandler } from 'express';
import type { Config } from '../config/config.js';
import { Draining } from '../health/draining.js';
import { Log } from '../telemetry/log.js';
import { accessLog } from './access-log.middleware.js';
import { defaultBody, readBody } from './body.js';
import { HttpsRequired } from './http.errors.js';
import { ProblemFilter } from './problem.filter.js';
import { giveRequestId } from './request-id.middleware.js';
import { setupSwagger } from './swagger.js';
import { validationPipe } from './validation.js';

/** Behind a load balancer that keeps sockets for 60 s, ours must live longer, or it reuses one that is just closing. */
const KEEP_ALIVE_MS = 65_000;
const REQUEST_MAX_MS = 30_000;
const OUTSIDE_V1 = ['/', 'health/live', 'health/ready', 'health/startup'];

/** Everything between the socket and the controllers: the one way the web server is set up, for tests too. */
export async function configureWeb(app: NestExpressApplication, config: Config): Promise<void> {
  app.disable('x-powered-by');
  app.set('trust proxy', config.TRUST_PROXY_HOPS);
  app.set('etag', false);
  app.setGlobalPrefix('v1', { exclude: OUTSIDE_V1 });
  app.use(giveRequestId, accessLog(app.get(Log)), closeWhileDraining(app.get(Draining)));
  app.use(helmet({ strictTransportSecurity: config.APP_ENV === 'production', contentSecurityPolicy: false }));
  if (config.APP_ENV === 'production') app.use(refusePlainHttp);
  app.use(readBody(app.get(ProblemFilter)), defaultBody);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(app.get(ProblemFilter));
  setupSwagger(app);
  await app.init();
  limitSockets(app.getHttpServer());
}

function limitSockets(server: Server): void {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = KEEP_ALIVE_MS + 1_000;
  server.requestTimeout = REQUEST_MAX_MS;
}

function closeWhileDraining(draining: Draining): RequestHandler {
  return (_request, response, next) => {
    if (draining.isDraining) response.setHeader('Connection', 'close');
    next();
  };
}

/** The load balancer ends TLS; what it did not receive over TLS is not answered. */
const refusePlainHttp: RequestHandler = (request, _response, next) => {
  const isProbe = request.path.startsWith('/health/');
  if (request.secure || isProbe) next();
  else next(new HttpsRequired('Use https.'));
};
