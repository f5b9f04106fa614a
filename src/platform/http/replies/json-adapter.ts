import { StreamableFile } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Response } from 'express';
import { sendJson } from './send-json.js';

/** Sends what handlers return with {@link sendJson}; whatever is no JSON, or may be known by its ETag, goes Express' way. */
export class JsonAdapter extends ExpressAdapter {
  // The signature is Nest's own.
  override reply(response: Response, body: unknown, statusCode?: number): unknown {
    if (!isData(body) || response.hasHeader('ETag')) return super.reply(response, body, statusCode);
    if (statusCode !== undefined) response.statusCode = statusCode;
    return sendJson(response, body);
  }
}

function isData(body: unknown): body is object {
  return typeof body === 'object' && body !== null && !(body instanceof StreamableFile);
}
