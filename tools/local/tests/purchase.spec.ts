import { execFile } from 'node:child_process';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { purchase } from '../table.mjs';

/** Answers as the API does, and remembers what was asked. */
function fakeApi() {
  const asked: { line: string; body: string; key: string; authorization: string }[] = [];
  const answers: Record<string, object> = {
    'POST /v1/auth/login': { accessToken: 'token-1' },
    'GET /v1/products?limit=1': { data: [{ id: 'product-1' }], next: null },
    'POST /v1/orders': { id: 'order-1' },
    'POST /v1/orders/order-1/payments': { status: 'succeeded' },
    'GET /v1/orders/order-1': { status: 'completed' },
  };
  const server = http.createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const { 'idempotency-key': key = '', authorization = '' } = request.headers;
      asked.push({ line, body, key: String(key), authorization });
      response.statusCode = line in answers ? 200 : 404;
      response.end(JSON.stringify(answers[line] ?? {}));
    });
  });
  return { asked, server, lines: Object.keys(answers) };
}

describe('the lines that buy something', () => {
  it('work when pasted as they are, without a comment or an exclamation mark to trip a shell', async () => {
    const { asked, server, lines } = fakeApi();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const logins = [
      { role: 'admin', email: 'admin@purser.test', password: 'x' },
      { role: 'user', email: 'anna@purser.test', password: "it's secret" },
    ];
    const printed = purchase({ api, logins } as Parameters<typeof purchase>[0]);
    expect(printed.filter((line) => /^\s*#|!/.test(line))).toEqual([]);
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', printed.join('\n')]);
    server.close();
    expect(asked.map(({ line }) => line)).toEqual(lines);
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ email: 'anna@purser.test', password: "it's secret" });
    expect(JSON.parse(asked[2]?.body ?? '')).toEqual({ items: [{ productId: 'product-1', quantity: 1 }] });
    expect(asked.slice(2).map(({ authorization }) => authorization)).toEqual(Array(3).fill('Bearer token-1'));
    for (const { key } of asked.slice(2, 4)) expect(key).toMatch(/^[\w-]{16,255}$/);
    expect(stdout).toContain('"status":"completed"');
  });
});
