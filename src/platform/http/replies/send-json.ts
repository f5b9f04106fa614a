import type { Response } from 'express';
import { JsonText } from '../../../shared/json-text.js';

/** Below it a string goes out in one piece with the headers; above it a body may be compressed, and is bytes. */
const SHORT_MAX_CHARACTERS = 1_000;

/**
 * Sends JSON as Express would, without asking on every request what Express was told once: how to write it, which character
 * set, whether there are ETags. That is a tenth of a hot request.
 */
export function sendJson(response: Response, body: unknown, mediaType = 'application/json'): void {
  const text = body instanceof JsonText ? body.text : JSON.stringify(body);
  const content = text.length < SHORT_MAX_CHARACTERS ? text : Buffer.from(text);
  response.setHeader('Content-Type', `${mediaType}; charset=utf-8`);
  response.setHeader('Content-Length', Buffer.byteLength(content));
  response.end(content);
}
