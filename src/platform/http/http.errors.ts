import { defineError } from '../../shared/errors.js';

/** What the door itself refuses, before any domain hears of it. */
export class MalformedJson extends defineError('malformed-json', 'invalid', 'The body is not JSON') {}
export class MalformedPath extends defineError('malformed-path', 'invalid', 'The path is not valid') {}
export class JsonTooDeep extends defineError('json-too-deep', 'invalid', 'The body is nested too deeply') {}
export class RouteNotFound extends defineError('route-not-found', 'not-found', 'No such route') {}
export class MethodNotAllowed extends defineError('method-not-allowed', 'method-not-allowed', 'Method not allowed') {}
export class PayloadTooLarge extends defineError('payload-too-large', 'payload-too-large', 'The body is too large') {}
export class UnsupportedMediaType extends defineError(
  'unsupported-media-type',
  'unsupported-media-type',
  'The body must be JSON',
) {}
export class TooManyRequests extends defineError('too-many-requests', 'limited', 'Too many requests') {}
export class HttpsRequired extends defineError('https-required', 'forbidden', 'HTTPS only') {}
export class RequestTimeout extends defineError('request-timeout', 'request-timeout', 'The request came too slowly') {}
export class BadRequest extends defineError('bad-request', 'invalid', 'The request is not valid') {}
export class HeadersTooLarge extends defineError(
  'headers-too-large',
  'payload-too-large',
  'The headers are too large',
) {}
/** We are wrong: logged whole, answered bare. */
export class InternalError extends defineError('internal-error', 'internal', 'Something went wrong on our side') {
  constructor() {
    super('The error is logged under this request id.');
  }
}
