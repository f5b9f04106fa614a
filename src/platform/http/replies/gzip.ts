import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request } from 'express';

/** Bodies above this are worth compressing. */
const WORTH_BYTES = 1_024;
/** And up to this, so that one answer does not keep a thread of libuv for long. */
const WORTH_MAX_BYTES = 1_024 * 1_024;

export const gzipped = promisify<Buffer, Buffer>(gzip);

export function isWorthGzip({ length }: Buffer): boolean {
  return length > WORTH_BYTES && length <= WORTH_MAX_BYTES;
}

export function acceptsGzip(request: Request): boolean {
  return request.acceptsEncodings('gzip', 'identity') === 'gzip';
}
