import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError, ServiceUnavailable } from '../../shared/errors.js';
import { isDatabaseDown } from '../database/postgres-errors.js';
import { Log } from '../telemetry/log.js';
import {
  BadRequest,
  InternalError,
  MalformedJson,
  MalformedPath,
  PayloadTooLarge,
  UnsupportedMediaType,
} from './http.errors.js';
import { PROBLEM_MEDIA_TYPE, problemBody, STATUS_OF } from './problem.js';

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
    for (const [name, value] of Object.entries(headersOf(error))) response.setHeader(name, value);
    const body = problemBody(error, { instance: request.originalUrl.split('?', 1)[0] ?? '/' });
    response.status(STATUS_OF[error.problem.kind]).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(body));
  }

  private classify(thrown: unknown, request: Request): DomainError {
    if (thrown instanceof DomainError) return thrown;
    const refused = refusedByDoor(thrown);
    if (refused) return refused;
    if (isDatabaseDown(thrown)) {
      this.log.warn({ message: 'the database does not answer', error: thrown });
      return new ServiceUnavailable();
    }
    this.log.error({ message: 'a request failed', method: request.method, route: request.path, error: thrown });
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

/** Errors of the body parser and of Nest itself, in our words. */
function refusedByDoor(thrown: unknown): DomainError | null {
  const { type, status } = Object(thrown) as { type?: unknown; status?: unknown };
  if (type === 'entity.parse.failed') return new MalformedJson('The body could not be parsed.');
  if (type === 'entity.too.large') return new PayloadTooLarge('The body exceeds the limit of this route.');
  if (type === 'charset.unsupported' || type === 'encoding.unsupported') {
    return new UnsupportedMediaType('Send JSON in UTF-8.');
  }
  if (thrown instanceof URIError) return new MalformedPath('The path is not valid percent-encoding.');
  const code = thrown instanceof HttpException ? thrown.getStatus() : status;
  if (typeof code === 'number' && code >= 400 && code < 500) return new BadRequest('The request could not be read.');
  return null;
}
