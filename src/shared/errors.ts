/** How the world should treat a refusal. The HTTP door maps each kind to one status. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'declined'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'payload-too-large'
  | 'unsupported-media-type'
  | 'method-not-allowed'
  | 'request-timeout'
  | 'internal'
  | 'unprocessable'
  | 'limited'
  | 'unavailable';

export interface Problem {
  /** Kebab-case, stable for ever: what clients branch on. */
  readonly code: string;
  readonly kind: ErrorKind;
  /** Short English summary, the same for every occurrence. */
  readonly title: string;
}

/** One mistake in a request, found by an RFC 6901 pointer into its body (`#/items/0/quantity`). */
export interface Mistake {
  readonly pointer: string;
  readonly detail: string;
}

/** A rule of the business said no. It knows nothing of HTTP; the problem filter does. */
export abstract class DomainError extends Error {
  abstract readonly problem: Problem;

  constructor(
    readonly detail: string,
    readonly extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.name = new.target.name;
  }
}

/** Any class made by {@link defineError}, whatever its constructor takes: it says, without an instance, what it is. */
export type DomainErrorClass = (abstract new (...args: never[]) => DomainError) & { readonly problem: Problem };

/** The code is on the class too, so that Swagger documents exactly what the service throws. */
export function defineError(code: string, kind: ErrorKind, title: string) {
  const problem: Problem = { code, kind, title };
  return class extends DomainError {
    static readonly problem = problem;
    readonly problem = problem;
  };
}

/** Lets an expression throw: `find() ?? raise(new OrderNotFound(id))`. */
export function raise(error: Error): never {
  throw error;
}

/** The body, a parameter or a header is not what the route takes. Lists every mistake found. */
export class InvalidRequest extends defineError('invalid-request', 'invalid', 'The request is not valid') {
  constructor(errors: readonly Mistake[]) {
    super(errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ') || 'The request is not valid.', {
      errors,
    });
  }
}

/** A part of the world this request needs does not answer now; the same request may succeed soon. */
export class ServiceUnavailable extends defineError('service-unavailable', 'unavailable', 'Temporarily unavailable') {
  constructor(detail = 'Try again in a moment.', retryAfterSeconds = 2) {
    super(detail, { retryAfterSeconds });
  }
}
