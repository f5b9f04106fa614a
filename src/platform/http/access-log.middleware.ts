import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Log } from '../telemetry/log.js';

const PROBES = /^\/(health|docs)/;

/** One line per request when it is answered; probes are not worth one. Paths go in as route templates: they carry no ids. */
export function accessLog(log: Log): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (PROBES.test(request.path)) {
      next();
      return;
    }
    const startedAt = performance.now();
    response.on('finish', () => {
      const route = request.route as { path?: unknown } | undefined;
      const template = typeof route?.path === 'string' ? route.path : 'unmatched';
      const ms = Math.round((performance.now() - startedAt) * 10) / 10;
      log.info({ message: 'request', method: request.method, route: template, status: response.statusCode, ms });
    });
    next();
  };
}
