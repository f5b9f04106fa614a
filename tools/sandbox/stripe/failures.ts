import type { JsonObject } from '../core/json.js';
import type { Incoming } from '../core/http.js';

const DOCS = 'https://stripe.com/docs/error-codes/';

/**
 * An error in Stripe's words. Thrown, nothing has happened; returned by an operation, what it did stands (a declined card).
 * `isExecuted`: the operation had begun, so the answer is kept under the idempotency key; refused parameters are not.
 */
export class StripeFailure extends Error {
  constructor(
    readonly status: number,
    readonly error: JsonObject,
    readonly isExecuted: boolean,
  ) {
    super(typeof error['message'] === 'string' ? error['message'] : 'Refused');
  }
}

export function docUrl(code: string): string {
  return `${DOCS}${code.replaceAll('_', '-')}`;
}

function invalid(message: string, code: string | null, param: string | null): JsonObject {
  return {
    ...(code === null ? {} : { code, doc_url: docUrl(code) }),
    message,
    ...(param === null ? {} : { param }),
    type: 'invalid_request_error',
  };
}

export function refusedParameter(param: string, code: string | null, message: string): StripeFailure {
  return new StripeFailure(400, invalid(message, code, param), false);
}

export function noSuch(kind: string, id: string, param: string): StripeFailure {
  return new StripeFailure(404, invalid(`No such ${kind}: '${id}'`, 'resource_missing', param), false);
}

/** Named in a parameter instead of the address, a thing that does not exist is a 400. */
export function noSuchParameter(kind: string, id: string, param: string): StripeFailure {
  return new StripeFailure(400, invalid(`No such ${kind}: '${id}'`, 'resource_missing', param), false);
}

export function unexpectedState(message: string, intent: JsonObject): StripeFailure {
  const error = { ...invalid(message, 'payment_intent_unexpected_state', null), payment_intent: intent };
  return new StripeFailure(400, error, true);
}

export function impossible(message: string, code: string | null, param: string | null = null): StripeFailure {
  return new StripeFailure(400, invalid(message, code, param), true);
}

export function unauthorized(message: string, code: string | null = null): StripeFailure {
  return new StripeFailure(401, invalid(message, code, null), false);
}

export function keyReused(key: string): StripeFailure {
  const message =
    'Keys for idempotent requests can only be used with the same parameters they were first used with. ' +
    `Try using a key other than '${key}' if you meant to execute a different request.`;
  return new StripeFailure(400, { message, type: 'idempotency_error' }, false);
}

export function keyInUse(key: string): StripeFailure {
  const message =
    'There is currently another in-progress request using this Idempotent Key (that probably means you submitted ' +
    `twice, and the other request is still going through): ${key}. Please try again later.`;
  const code = 'idempotency_key_in_use';
  return new StripeFailure(409, { code, doc_url: docUrl(code), message, type: 'invalid_request_error' }, false);
}

export function internalError(): StripeFailure {
  const message = 'An unknown error occurred. (This is a fault the sandbox was told to make.)';
  return new StripeFailure(500, { message, type: 'api_error' }, true);
}

/** The answers a fault may ask for: refused at the door, nothing done, nothing stored. */
export function refusedAtTheDoor(status: number): StripeFailure {
  const error = DOOR[status] ?? {
    message: 'An error occurred with our connection. (This is a fault the sandbox was told to make.)',
    type: status < 500 ? 'invalid_request_error' : 'api_error',
  };
  return new StripeFailure(status, error, false);
}

const DOOR: Record<number, JsonObject> = {
  401: { message: 'Invalid API Key provided: sk_test_***', type: 'invalid_request_error' },
  402: {
    code: 'card_declined',
    decline_code: 'generic_decline',
    doc_url: docUrl('card_declined'),
    message: 'Your card was declined.',
    type: 'card_error',
  },
  403: { message: 'The provided key does not have access to this resource.', type: 'invalid_request_error' },
  409: {
    code: 'lock_timeout',
    doc_url: docUrl('lock_timeout'),
    message:
      'This object cannot be accessed right now because another API request or Stripe process is currently accessing it. ' +
      'If you see this error intermittently, retry the request.',
    type: 'invalid_request_error',
  },
  429: {
    code: 'rate_limit',
    doc_url: docUrl('rate_limit'),
    message: 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
    type: 'invalid_request_error',
  },
};

export function unknownAddress({ method, path }: Incoming): StripeFailure {
  const message =
    `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at ` +
    'https://support.stripe.com/.';
  return new StripeFailure(404, { message, type: 'invalid_request_error' }, false);
}
