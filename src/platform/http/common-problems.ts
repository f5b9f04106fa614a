import type { OpenAPIObject } from '@nestjs/swagger';
import type { DomainErrorClass } from '../../shared/errors.js';
import { InvalidRequest, ServiceUnavailable } from '../../shared/errors.js';
import { CsrfRefused, Forbidden, Unauthenticated } from '../auth/auth.errors.js';
import { byStatus, problemResponse } from './api-problems.decorator.js';
import { InternalError, JsonTooDeep, MalformedJson, MalformedPath } from './http.errors.js';
import { PayloadTooLarge, TooManyRequests, UnsupportedMediaType } from './http.errors.js';
import { PROBLEM_MEDIA_TYPE } from './problem.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Response = ReturnType<typeof problemResponse>;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const WEBHOOKS = '/v1/webhooks/';

/** Documents, on every operation, what the door refuses before the controller is asked. */
export function addCommonProblems(document: OpenAPIObject): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths)) {
    if (!path.startsWith('/v1/')) continue;
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) addTo(operation, problemsOf(operation, { path, method }));
    }
  }
  return document;
}

function problemsOf(operation: Operation, { path, method }: { path: string; method: string }): DomainErrorClass[] {
  const isWebhook = path.startsWith(WEBHOOKS);
  const takesInput = operation.requestBody !== undefined || (operation.parameters ?? []).length > 0;
  return [
    ...(takesInput && !isWebhook ? [InvalidRequest] : []),
    ...(operation.requestBody ? [MalformedJson, JsonTooDeep, UnsupportedMediaType] : []),
    ...(operation.requestBody || isWebhook ? [PayloadTooLarge] : []),
    ...(operation.security ? [Unauthenticated, Forbidden] : []),
    ...(operation.security && method !== 'get' ? [CsrfRefused] : []),
    ...(isWebhook ? [] : [TooManyRequests]),
    MalformedPath,
    InternalError,
    ServiceUnavailable,
  ];
}

/** What the controller documents of the same status stays, and stands first. */
function addTo(operation: Operation, errors: readonly DomainErrorClass[]): void {
  const responses = operation.responses as Record<string, Response | undefined>;
  for (const [status, some] of byStatus(errors)) {
    const own = responses[status];
    const known = own?.content?.[PROBLEM_MEDIA_TYPE]?.examples ?? {};
    const added = problemResponse(some.filter(({ problem }) => !(problem.code in known)));
    responses[status] = own ? merged(own, added) : added;
  }
}

function merged(own: Response, added: Response): Response {
  const content = own.content?.[PROBLEM_MEDIA_TYPE];
  const more = added.content[PROBLEM_MEDIA_TYPE];
  return {
    description: [own.description, added.description].filter(Boolean).join('  \n'),
    content: {
      ...own.content,
      [PROBLEM_MEDIA_TYPE]: { ...more, ...content, examples: { ...content?.examples, ...more?.examples } },
    },
  };
}
