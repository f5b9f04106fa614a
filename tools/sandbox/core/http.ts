import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** SendGrid takes 30 MB with attachments; nobody else comes near. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024;

export interface Incoming {
  method: string;
  path: string;
  query: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Reply {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

/** How a request ends: answered, or its socket cut (`reset` tells the client at once, by RST). */
export type Ending = Reply | 'cut' | 'reset';

export class BadRequest extends Error {}

export function json(status: number, value: unknown): Reply {
  return { status, body: JSON.stringify(value), headers: { 'content-type': 'application/json' } };
}

export function jsonText(status: number, body: string): Reply {
  return { status, body, headers: { 'content-type': 'application/json' } };
}

/** Nothing on a page, nor in a mail shown on it, is loaded from elsewhere. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export function html(body: string): Reply {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY };
  return { status: 200, body, headers };
}

export async function receive(request: IncomingMessage): Promise<Incoming> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw new BadRequest(`The body is larger than ${BODY_LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  return {
    method: request.method ?? 'GET',
    path,
    query,
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

export function send(response: ServerResponse, ending: Ending): void {
  if (ending === 'cut') {
    response.socket?.destroy();
    return;
  }
  if (ending === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(ending.status, { ...ending.headers, 'content-length': Buffer.byteLength(ending.body) });
  response.end(ending.body);
}

export function header(incoming: Incoming, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
