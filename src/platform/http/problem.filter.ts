import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  type ExceptionFilter,
  HttpException,
  Injectable,
  NotFoundException,
} from '@nestjs/common';
import { memberOf } from '../../shared/unknown.js';
import { unrouted } from './routes.js';
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

  /** Also for what fails before Nest is reached, where Nest would rename the error. */
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
    const refused = refusedByDoor(thrown, request);
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

/** Errors of Nest itself and of the body parser, in our words. */
function refusedByDoor(thrown: unknown, request: Request): DomainError | null {
  if (thrown instanceof NotFoundException) return unrouted(request);
  // Nest turns the router's URIError into this before anybody can see it.
  if (thrown instanceof BadRequestException) return new MalformedPath('The path is not valid percent-encoding.');
  const status = thrown instanceof HttpException ? thrown.getStatus() : memberOf(thrown, 'status');
  switch (memberOf(thrown, 'type')) {
    case 'entity.parse.failed':
      return new MalformedJson('The body could not be parsed.');
    case 'entity.too.large':
      return new PayloadTooLarge('The body exceeds the limit of this route.');
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new UnsupportedMediaType('Send JSON in UTF-8.');
    default:
      return isClientError(status) ? new BadRequest('The request could not be read.') : null;
  }
}

function isClientError(status: unknown): boolean {
  return typeof status === 'number' && status >= 400 && status < 500;
}
