import { createHash } from 'node:crypto';
import { openApiDocument } from '../../src/platform/http/swagger.js';
import type { Reply } from '../support/client.js';
import { Gate } from './gate.support.js';

const HOSTILE = '"><img src=x onerror=alert(1)>{{7919*7907}}</script><script>alert(1)</script>';

let gate: Gate;

beforeAll(async () => {
  gate = await Gate.open();
});

afterAll(() => gate.close());

/** Every address that answers with a page: those of the OpenAPI document, and those that stand in none. */
function pages(): string[] {
  const { paths } = openApiDocument(gate.servers[0]!);
  const documented = Object.entries(paths).filter(([, item]) => JSON.stringify(item.get ?? {}).includes('text/html'));
  return ['/', '/docs', '/login', ...documented.map(([path]) => path)];
}

function policyOf({ headers }: Reply): Map<string, string> {
  const parts = (headers.get('content-security-policy') ?? '').split(';').map((part) => part.trim());
  return new Map(parts.map((part) => [part.split(' ', 1)[0] ?? '', part.split(' ').slice(1).join(' ')]));
}

/** What a browser with this policy would run of a page: inline scripts by their hashes, and files of ours. */
function refusedScripts({ text }: Reply, policy: Map<string, string>): string[] {
  const allowed = policy.get('script-src') ?? policy.get('default-src') ?? '';
  const scripts = [...text.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)];
  return scripts.flatMap(([, attributes = '', source = '']) => {
    const isFile = /\ssrc=['"](\.?\/)?[\w./-]+['"]/.test(attributes);
    if (isFile) return allowed.includes(`'self'`) ? [] : [attributes];
    return allowed.includes(createHash('sha256').update(source).digest('base64')) ? [] : [source];
  });
}

describe('A page', () => {
  it('runs its own scripts and no others, and is framed by nobody', async () => {
    expect(pages()).toContain('/v1/auth/verify-email');
    for (const path of pages()) {
      const reply = await gate.visitor.get(path);
      const policy = policyOf(reply);
      expect([path, reply.headers.get('content-type')]).toEqual([path, expect.stringContaining('text/html')]);
      expect([path, refusedScripts(reply, policy)]).toEqual([path, []]);
      for (const name of ['default-src', 'base-uri', 'form-action', 'frame-ancestors']) {
        expect([path, name, policy.get(name)]).toEqual([path, name, `'none'`]);
      }
      expect([path, policy.get('script-src')]).toEqual([path, expect.not.stringMatching(/unsafe|\*|https?:/)]);
      expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
      expect(reply.headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  it('with anything planted into it would be told (control)', async () => {
    const reply = await gate.visitor.get('/v1/auth/verify-email');
    const planted = { ...reply, text: reply.text.replace('</main>', '<script>alert(1)</script></main>') };
    expect(refusedScripts(planted, policyOf(reply))).toEqual(['alert(1)']);
  });

  it('repeats nothing of its address', async () => {
    for (const path of pages()) {
      const asked = await gate.visitor.get(`${path}?token=${encodeURIComponent(HOSTILE)}`);
      expect(asked.text).toBe((await gate.visitor.get(path)).text);
    }
  });
});

describe('A problem', () => {
  it.each([
    ['in the path', `/v1/${encodeURIComponent(HOSTILE)}`],
    ['as an id', `/v1/products/${encodeURIComponent(HOSTILE)}`],
    ['as a parameter', `/v1/products?limit=${encodeURIComponent(HOSTILE)}&${encodeURIComponent(HOSTILE)}=1`],
  ])('that repeats what somebody sent %s is no page', async (_where, path) => {
    const { status, headers, text } = await gate.visitor.get(path, { headers: { accept: 'text/html' } });
    expect([400, 404]).toContain(status);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain(`default-src 'none'`);
    expect(text).not.toContain(String(7919 * 7907));
  });

  it('says what is wrong with a body, and calls nothing in it by another name', async () => {
    const body = { email: HOSTILE, password: HOSTILE, displayName: HOSTILE, [HOSTILE]: 1 };
    const { status, headers } = await gate.visitor.post('/v1/auth/register', { body });
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json; charset=utf-8']);
  });
});
