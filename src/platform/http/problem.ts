import type { DomainError, ErrorKind, Problem } from '../../shared/errors.js';
import { currentContext } from '../telemetry/request-context.js';

/** RFC 9457, with a stable code and the request's id. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly instance: string;
  readonly requestId: string | null;
  readonly [extension: string]: unknown;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** The one place where what happened becomes an HTTP status. */
export const STATUS_OF: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  declined: 402,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'request-timeout': 408,
  conflict: 409,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  unprocessable: 422,
  limited: 429,
  internal: 500,
  unavailable: 503,
};

/** The body of an error's answer. Extensions come first, so that none can overwrite a standard member. */
export function problemBody(error: DomainError, { instance }: { instance: string }): ProblemBody {
  const { problem, detail, extensions } = error;
  return { ...extensions, ...standardMembers(problem, { detail, instance }) };
}

function standardMembers({ code, kind, title }: Problem, { detail, instance }: { detail: string; instance: string }) {
  const { requestId } = currentContext();
  return { type: `/problems/${code}`, title, status: STATUS_OF[kind], code, detail, instance, requestId };
}
