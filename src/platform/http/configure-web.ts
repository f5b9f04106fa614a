import type { NestExpressApplication } from '@nestjs/platform-express';
import cookieParser from 'cookie-parser';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Config } from '../config/config.js';
import { Draining } from '../health/draining.js';
import { Log } from '../telemetry/log.js';
import { RequestTimes } from '../telemetry/request-times.js';
import { accessLog } from './access-log.middleware.js';
import { readBody } from './body.js';
import { refuseMalformedPath } from './path.middleware.js';
import { refusePipelines } from './pipelines.middleware.js';
import { ProblemFilter } from './problem.filter.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { compressBodies } from './replies/compress.middleware.js';
import { giveRequestId } from './request-id.middleware.js';
import { refuseUnrouted } from './routes.js';
import { refusePlainHttp, securityHeaders } from './security-headers.js';
import { limitSockets } from './sockets.js';
import { setupSwagger } from './swagger.js';
import { validationPipe } from './validation.js';

const OUTSIDE_V1 = ['/', 'health/live', 'health/ready', 'health/startup', 'metrics'].concat([
  'login',
  'admin/queues',
  'admin/queues/*path',
]);

/**
 * Everything between the socket and the controllers: the one way the web server is set up, for tests too. The app is
 * made with `bodyParser: false`, and not listening yet. What is to begin as early as possible comes as `early`.
 */
export async function configureWeb(
  app: NestExpressApplication,
  config: Config,
  early: readonly RequestHandler[] = [],
): Promise<void> {
  app.disable('x-powered-by');
  app.set('trust proxy', config.TRUST_PROXY_HOPS);
  app.set('etag', false);
  app.setGlobalPrefix('v1', { exclude: OUTSIDE_V1 });
  const log = accessLog(app.get(Log), app.get(RequestTimes));
  app.use(
    refusePipelines(),
    cookieParser(),
    ...early,
    giveRequestId,
    log,
    closeWhileDraining(app.get(Draining)),
    securityHeaders(config),
  );
  if (config.APP_ENV === 'production') app.use(refusePlainHttp);
  app.use(compressBodies, refuseMalformedPath, readBody);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(app.get(ProblemFilter));
  setupSwagger(app);
  silenceNest(app);
  await app.init();
  endWithProblems(app);
  limitSockets(app.getHttpServer());
}

/** Nest's own ends of the line know no 405 and turn every error of a middleware into a bare 400. Ours come instead. */
function silenceNest(app: NestExpressApplication): void {
  const adapter = app.getHttpAdapter();
  adapter.setNotFoundHandler = () => undefined;
  adapter.setErrorHandler = () => undefined;
}

/** What no route took, and what failed before one was reached. No guard has counted these requests; so they are here. */
function endWithProblems(app: NestExpressApplication): void {
  const express = app.getHttpAdapter().getInstance() as { router: unknown; use: (...handlers: unknown[]) => void };
  const filter = app.get(ProblemFilter);
  const limit = app.get(RateLimitGuard);
  express.use(refuseUnrouted(express.router));
  express.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const answer = (failure: unknown): void => filter.answer(failure, request, response);
    limit.count(request, response).then(() => answer(error), answer);
  });
}

function closeWhileDraining(draining: Draining): RequestHandler {
  return (_request, response, next) => {
    if (draining.isDraining) response.setHeader('Connection', 'close');
    next();
  };
}
