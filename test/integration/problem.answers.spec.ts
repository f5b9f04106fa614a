import { waitUntil } from '../support/wait.js';
import { CANARY, Door } from './problem.support.js';

describe('The answer to what goes wrong', () => {
  let door: Door;

  beforeAll(async () => {
    door = await Door.open();
  });

  afterAll(() => door.close());

  it('is a problem document with the members of RFC 9457, a stable code and the id of the request', async () => {
    const reply = await door.post('/v1/things', '{"name":"full"}', { 'x-request-id': 'my-id.1' });
    expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(reply.headers.get('x-request-id')).toBe('my-id.1');
    expect(reply.body).toEqual({
      type: '/problems/shelf-full',
      title: 'The shelf is full',
      status: 409,
      code: 'shelf-full',
      detail: 'No room.',
      instance: '/v1/things',
      requestId: 'my-id.1',
      free: 0,
    });
  });

  it('does not take an id that could break a log or a header', async () => {
    const reply = await door.ask('GET', '/nowhere', { headers: { 'x-request-id': 'a b"c' } });
    expect(reply.body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(reply.headers.get('x-request-id')).toBe(reply.body.requestId);
  });

  it.each(['/nowhere', '/v1/nowhere', '/v1', '/v1/things/a/b', '/docs/nowhere.js'])('is 404 at %s', async (path) => {
    const reply = await door.ask('GET', path);
    expect([reply.status, reply.body.code]).toEqual([404, 'route-not-found']);
  });

  it.each([
    ['PUT', '/v1/things', 'GET, HEAD, POST'],
    ['DELETE', '/v1/things/keyed', 'GET, HEAD, POST'],
    ['POST', '/', 'GET, HEAD'],
    ['OPTIONS', '/v1/webhooks/any', 'POST'],
  ])('is 405 with Allow for %s %s', async (method, path, allow) => {
    const reply = await door.ask(method, path);
    expect([reply.status, reply.body.code]).toEqual([405, 'method-not-allowed']);
    expect(reply.headers.get('allow')).toBe(allow);
  });

  it.each(['/v1/things/%E0%A4%A', '/v1/%', '/v1/things?after=%00', '/v1/things/%00'])(
    'is 400 for the malformed address %s',
    async (path) => {
      const reply = await door.ask('GET', path);
      expect([reply.status, reply.body.code]).toEqual([400, 'malformed-path']);
    },
  );

  it.each([
    ['/v1/things/17', '#/id'],
    ['/v1/things?limit=0', '#/limit'],
    ['/v1/things?limit=101', '#/limit'],
    ['/v1/things?limit=1&limit=2', '#/limit'],
    ['/v1/things?after=x', '#/after'],
    ['/v1/things?page=2', '#/page'],
  ])('points at the mistake in %s', async (path, pointer) => {
    const reply = await door.ask('GET', path);
    expect([reply.status, reply.body.code]).toEqual([400, 'invalid-request']);
    expect(reply.body.errors.map((mistake) => mistake.pointer)).toEqual([pointer]);
  });

  it('says nothing of what broke, and logs it whole, without secrets and addresses', async () => {
    const reply = await door.ask('GET', '/v1/things/broken');
    expect([reply.status, reply.body.code]).toEqual([500, 'internal-error']);
    expect(reply.text).not.toMatch(/canary|stack|\.ts|example\.com/);
    const logged = door.lines.find((line) => line.message === 'a request failed' && line.level === 'ERROR');
    expect(logged).toMatchObject({ requestId: reply.body.requestId, route: '/v1/things/broken' });
    expect(logged?.error).toMatchObject({ stack: expect.stringContaining('problem.support') });
    expect(JSON.stringify(logged)).not.toMatch(/Bearer|example\.com|parameters/);
  });

  it('does not take the status of a provider for its own', async () => {
    const reply = await door.ask('GET', '/v1/things/refused-elsewhere');
    expect([reply.status, reply.text.includes(CANARY)]).toEqual([500, false]);
  });

  it("keeps an exception of Nest's own bare", async () => {
    const reply = await door.ask('GET', '/v1/things/teapot');
    expect([reply.status, reply.body.code, reply.text.includes(CANARY)]).toEqual([400, 'bad-request', false]);
  });

  it('is 503 with Retry-After while the database is down', async () => {
    const reply = await door.ask('GET', '/v1/things/down');
    expect([reply.status, reply.body.code]).toEqual([503, 'service-unavailable']);
    expect(reply.headers.get('retry-after')).toBe('2');
  });

  it.each([
    ['no key', undefined, 'idempotency-key-required'],
    ['a short key', 'x'.repeat(15), 'invalid-request'],
    ['a long key', 'x'.repeat(256), 'invalid-request'],
    ['a key with a space', 'sixteen characters', 'invalid-request'],
  ])('is 400 for %s', async (_name, key, code) => {
    const reply = await door.post('/v1/things/keyed', '{}', key === undefined ? {} : { 'idempotency-key': key });
    expect([reply.status, reply.body.code]).toEqual([400, code]);
  });

  it('writes one line per request, with its route and not its path, and who asked', async () => {
    const { headers } = await door.ask('GET', '/v1/things/mine?token=secret');
    const requestId = headers.get('x-request-id');
    const line = await waitUntil(() => door.lines.find((one) => one.requestId === requestId), { what: 'the line' });
    expect(line).toMatchObject({ level: 'INFO', method: 'GET', route: '/v1/things/mine', status: 200, userId: 'u-1' });
    expect(JSON.stringify(line)).not.toContain('secret');
  });

  it('forbids a browser to run, frame or keep it, but for the documentation', async () => {
    const { headers } = await door.ask('GET', '/v1/things');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('strict-transport-security')).toBeNull();
    const docs = await door.ask('GET', '/docs');
    expect(docs.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(docs.text).not.toMatch(/<script>|<script [^>]*(?<!src="[^"]*")>\s*\S/);
  });
});

describe('In production', () => {
  let door: Door;

  beforeAll(async () => {
    door = await Door.open({
      APP_ENV: 'production',
      PUBLIC_URL: 'https://shop.example',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none?sslmode=require',
      REDIS_URL: 'rediss://127.0.0.1:1',
      JWT_SECRET: 'x'.repeat(32),
      TOKEN_SECRET: 'y'.repeat(32),
      MFA_ENCRYPTION_KEY: 'z'.repeat(32),
      STRIPE_SECRET_KEY: 'sk_live_of_this_test_only',
      STRIPE_WEBHOOK_SECRET: 'whsec_of_this_test_only',
      SENDGRID_API_KEY: 'SG.of-this-test-only',
      METRICS_TOKEN: 'metrics-token-of-this-test-only-01',
      TRUST_PROXY_HOPS: '1',
    });
  });

  afterAll(() => door.close());

  it.each([
    ['http', 403],
    [undefined, 403],
    ['https', 200],
  ])('a request that came over %s is answered with %s', async (proto, status) => {
    const headers: Record<string, string> = proto ? { 'x-forwarded-proto': proto } : {};
    expect((await door.ask('GET', '/v1/things', { headers })).status).toBe(status);
  });

  it.each(['/health/live', '/health/ready', '/metrics'])(
    'a probe or scraper from inside may ask for %s',
    async (path) => {
      // None of them is behind this door: what passes it is told that there is no such route.
      expect((await door.ask('GET', path)).status).toBe(404);
    },
  );

  it.each(['/v1/health/live', '/healthy', '/HEALTH/live', '//health/live'])('nothing else is: %s', async (path) => {
    const reply = await door.ask('GET', path);
    expect([reply.status, reply.body.code]).toEqual([403, 'https-required']);
  });

  it('believes the load balancer and nobody before it', async () => {
    const forged = { headers: { 'x-forwarded-proto': 'https, http' } };
    expect((await door.ask('GET', '/v1/things', forged)).status).toBe(403);
  });

  it('sends HSTS', async () => {
    const { headers } = await door.ask('GET', '/v1/things', { headers: { 'x-forwarded-proto': 'https' } });
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
  });
});
