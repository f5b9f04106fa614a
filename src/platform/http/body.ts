import { json, raw, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { ProblemFilter } from './problem.filter.js';
import { memberOf } from '../../shared/unknown.js';
import { JsonTooDeep, UnsupportedMediaType } from './http.errors.js';

const BODY_LIMIT = '100kb';
const WEBHOOK_LIMIT = '256kb';
const DEPTH_MAX = 32;
const WEBHOOKS = /^\/v1\/webhooks\//;

declare module 'http' {
  interface IncomingMessage {
    rawBody?: Buffer;
  }
}

const parseJson = json({ limit: BODY_LIMIT, strict: false, verify: (_request, _response, body) => refuseDeep(body) });
const keepRaw = raw({ limit: WEBHOOK_LIMIT, type: () => true });

/** JSON for the API; the untouched bytes for webhooks, whose signature is over them. */
export function readBody(problems: ProblemFilter): RequestHandler {
  return (request, response, next) => {
    const done = (error?: unknown) => (error === undefined ? next() : problems.answer(error, request, response));
    if (WEBHOOKS.test(request.path)) keepRaw(request, response, (e?: unknown) => keepBytes(request, done, e));
    else if (!hasBody(request) || request.is('application/json'))
      parseJson(request, response, (e?: unknown) => done(causeOf(e)));
    else done(new UnsupportedMediaType('Send the body as application/json.'));
  };
}

function keepBytes(request: Request, done: (error?: unknown) => void, error?: unknown): void {
  if (Buffer.isBuffer(request.body)) request.rawBody = request.body;
  done(error);
}

function hasBody({ headers }: Request): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Express parses 20,000 levels, and whatever walks the result overflows: so the text is looked at first. */
function refuseDeep(body: Buffer): void {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    if (isInString) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) isInString = false;
    } else if (byte === 0x22) isInString = true;
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
    if (depth > DEPTH_MAX) throw tooDeep();
  }
}

function tooDeep(): JsonTooDeep {
  return new JsonTooDeep(`A body may be nested ${DEPTH_MAX} levels deep.`);
}

/** body-parser wraps what `verify` throws in an error of its own. */
function causeOf(error: unknown): unknown {
  if (error === undefined) return undefined;
  if (memberOf(error, 'type') === 'entity.verify.failed') return tooDeep();
  return error;
}

/** An empty body of a route that takes one is validated like `{}`. */
export const defaultBody = (request: Request, _response: Response, next: NextFunction): void => {
  request.body ??= {};
  next();
};
