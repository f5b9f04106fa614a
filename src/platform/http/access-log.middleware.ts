import type { RequestHandler } from 'express';
import type { Log } from '../telemetry/log.js';
import { inThisContext } from '../telemetry/request-context.js';
import type { RequestTimes } from '../telemetry/request-times.js';
import { templateOf } from './routes.js';

const PROBES = /^\/(health|docs|metrics)/;

/** One line and one count per request when it is answered, or its client has gone before; probes are not worth one. */
export function accessLog(log: Log, times: RequestTimes): RequestHandler {
  return (request, response, next) => {
    if (PROBES.test(request.path)) {
      next();
      return;
    }
    const startedAt = performance.now();
    const { method } = request;
    const write = (): void => {
      const elapsedMs = performance.now() - startedAt;
      const ms = Math.round(elapsedMs * 10) / 10;
      const route = templateOf(request);
      const outcome = response.writableFinished ? { status: response.statusCode } : { aborted: true };
      times.observe({ method, route, status: outcome.status ?? 'aborted' }, elapsedMs);
      log.request({ method, route, ...outcome, ms });
    };
    response.once('close', inThisContext(write));
    next();
  };
}
