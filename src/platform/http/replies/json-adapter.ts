import { StreamableFile } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Response } from 'express';

const JSON_TYPE = 'application/json; charset=utf-8';
/** Below it a string goes out in one piece with the headers; above it a body may be compressed, and is bytes. */
const SHORT_MAX_CHARACTERS = 1_000;

/**
 * Sends what a handler returns as Express would, without asking on every request what Express was told once: how to
 * write JSON, which character set, whether there are ETags. A tenth of a hot request.
 */
export class JsonAdapter extends ExpressAdapter {
  // The signature is Nest's own.
  override reply(response: Response, body: unknown, statusCode?: number): unknown {
    if (!isData(body) || response.hasHeader('ETag')) return super.reply(response, body, statusCode);
    if (statusCode !== undefined) response.statusCode = statusCode;
    const text = JSON.stringify(body);
    const content = text.length < SHORT_MAX_CHARACTERS ? text : Buffer.from(text);
    response.setHeader('Content-Type', JSON_TYPE);
    response.setHeader('Content-Length', Buffer.byteLength(content));
    return response.end(content);
  }
}

function isData(body: unknown): body is object {
  return typeof body === 'object' && body !== null && !(body instanceof StreamableFile);
}
