import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError, ServiceUnavailable } from '../../shared/errors.js';
import { memberOf } from '../../shared/unknown.js';
import { isDatabaseDown } from '../database/postgres-errors.js';
import { Log } from '../telemetry/log.js';
import { BadRequest, InternalError, RouteNotFound } from './http.errors.js';
import { PROBLEM_MEDIA_TYPE, problemBody, STATUS_OF } from './problem.js';
import { templateOf } from './routes.js';

/** The one way out for everything that goes wrong, in three kinds: a rule said no, the world is down, we are wrong. */
@Injectable()
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<Request>(), http.getResponse<Response>());
  }

  /** Also the end of Express's own chain, for what fails before Nest is reached. */
  answer(thrown: unknown, request: Request, response: Response): void {
    const error = this.classify(thrown, request);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.setHeader('Cache-Control', 'no-store');
    for (const [name, value] of Object.entries(headersOf(error))) response.setHeader(name, value);
    const body = problemBody(error, { instance: request.originalUrl.split('?', 1)[0] ?? '/' });
    response.status(STATUS_OF[error.problem.kind]).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(body));
  }

  private classify(thrown: unknown, request: Request): DomainError {
    if (thrown instanceof DomainError) return thrown;
    const refused = refusedByDoor(thrown);
    if (refused) return refused;
    const { method } = request;
    if (isDatabaseDown(thrown)) {
      this.log.warn({ message: 'the database does not answer', method, route: templateOf(request), error: thrown });
      return new ServiceUnavailable();
    }
    this.log.error({ message: 'a request failed', method, route: templateOf(request), error: thrown });
    return new InternalError();
  }
}

function headersOf({ problem, extensions }: DomainError): Record<string, string> {
  const { retryAfterSeconds, allow } = extensions;
  return {
    ...(problem.kind === 'unauthenticated' ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(typeof retryAfterSeconds === 'number' ? { 'Retry-After': String(Math.ceil(retryAfterSeconds)) } : {}),
    ...(Array.isArray(allow) ? { Allow: allow.join(', ') } : {}),
  };
}

/** What Nest or Express refuse by themselves, in our words. Only they set `expose`: an SDK's error has a status too. */
function refusedByDoor(thrown: unknown): DomainError | null {
  const exposed = memberOf(thrown, 'expose') === true ? memberOf(thrown, 'status') : undefined;
  const status = thrown instanceof HttpException ? thrown.getStatus() : exposed;
  if (typeof status !== 'number' || status < 400 || status >= 500) return null;
  return status === 404
    ? new RouteNotFound('There is nothing here.')
    : new BadRequest('The request could not be read.');
}
