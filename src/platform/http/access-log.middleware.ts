import type { RequestHandler } from 'express';
import type { Log } from '../telemetry/log.js';
import { inThisContext } from '../telemetry/request-context.js';
import { templateOf } from './routes.js';

const PROBES = /^\/(health|docs)/;

/** One line per request when it is answered, or when its client has gone before; probes are not worth one. */
export function accessLog(log: Log): RequestHandler {
  return (request, response, next) => {
    if (PROBES.test(request.path)) {
      next();
      return;
    }
    const startedAt = performance.now();
    const { method } = request;
    const write = (): void => {
      const ms = Math.round((performance.now() - startedAt) * 10) / 10;
      const outcome = response.writableFinished ? { status: response.statusCode } : { aborted: true };
      log.info({ message: 'request', method, route: templateOf(request), ...outcome, ms });
    };
    response.once('close', inThisContext(write));
    next();
  };
}
