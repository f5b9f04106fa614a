import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Request, RequestHandler } from 'express';
import { InvalidRequest } from '../../shared/errors.js';
import { memberOf } from '../../shared/unknown.js';
import { BadRequest, MalformedJson, PayloadTooLarge, UnsupportedMediaType } from './http.errors.js';
import { refuseHarmful } from './json-guard.js';

const BODY_MAX_BYTES = 100 * 1_024;
const WEBHOOK_MAX_BYTES = 256 * 1_024;
const WEBHOOKS = /^\/v1\/webhooks\//;
/** The sender of a refused body gets this long to read the answer; then the socket is cut. */
const LINGER_MS = 1_000;

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;
const CHARSET = /charset\s*=\s*"?([\w-]+)/i;

const unzip = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip);

declare module 'http' {
  interface IncomingMessage {
    /** The untouched bytes of a webhook, whose signature is over them. */
    rawBody?: Buffer;
  }
}

/**
 * Parses the JSON of API requests and keeps the bytes of webhooks. Own, because body-parser reads a body that is too
 * large to its end before it says so, and parses before anybody may look. A request without a body has the body `{}`.
 */
export const readBody: RequestHandler = (request, _response, next) => {
  if (hasBody(request)) {
    parse(request).then(() => next(), next);
    return;
  }
  request.body = {};
  next();
};

function hasBody({ headers }: Request): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

async function parse(request: Request): Promise<void> {
  if (WEBHOOKS.test(request.path)) {
    request.rawBody = await bytesOf(request, WEBHOOK_MAX_BYTES);
    request.body = {};
    return;
  }
  refuseOtherTypes(request);
  const bytes = await bytesOf(request, BODY_MAX_BYTES);
  request.body = bytes.length === 0 ? {} : objectOf(bytes);
}

function refuseOtherTypes({ headers }: Request): void {
  const type = headers['content-type'] ?? '';
  if (!JSON_TYPE.test(type)) throw new UnsupportedMediaType('Send the body as application/json.');
  const charset = CHARSET.exec(type)?.[1] ?? 'utf-8';
  if (!/^utf-?8$/i.test(charset)) throw new UnsupportedMediaType('Send the JSON in UTF-8.');
}

async function bytesOf(request: Request, limit: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new UnsupportedMediaType('Send the body as it is, or compressed with gzip.');
  }
  const received = await receive(request, limit);
  if (encoding === 'identity') return received;
  try {
    return await unzip(received, { maxOutputLength: limit });
  } catch (error) {
    const isTooLarge = memberOf(error, 'code') === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLarge ? tooLarge(limit) : new BadRequest('The body is not gzip, though its header says so.');
  }
}

function receive(request: Request, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = Number(request.headers['content-length'] ?? 0);
    const refuse = (): void => {
      request.off('data', take);
      cutSoon(request);
      reject(tooLarge(limit));
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) refuse();
      else chunks.push(chunk);
    };
    if (size > limit) {
      refuse();
      return;
    }
    size = 0;
    request.on('data', take);
    let isWhole = false;
    request.once('end', () => {
      isWhole = true;
      resolve(Buffer.concat(chunks));
    });
    // Every request closes; an error costs its stack even when nobody hears of it.
    request.once('close', () => {
      if (!isWhole) reject(new BadRequest('The body ended too early.'));
    });
  });
}

function cutSoon(request: Request): void {
  request.resume();
  const timer = setTimeout(() => request.destroy(), LINGER_MS).unref();
  request.once('close', () => clearTimeout(timer));
}

function tooLarge(limit: number): PayloadTooLarge {
  return new PayloadTooLarge(`A body may have ${limit / 1_024} KiB here.`);
}

/** Every body of this API is an object. */
function objectOf(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new MalformedJson('The body is not valid UTF-8.');
  refuseHarmful(bytes);
  const body = parsed(bytes.toString());
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new InvalidRequest([{ pointer: '#', detail: 'the body must be a JSON object' }]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedJson('The body could not be parsed.');
  }
}
