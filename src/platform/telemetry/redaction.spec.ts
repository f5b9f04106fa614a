import { clean, cleanText, describeError } from './redaction.js';

describe('clean', () => {
  it('replaces secrets by their name, wherever they stand', () => {
    const facts = { Authorization: 'x', user: { password: 'x', 'api-key': 'x', id: 7 }, list: [{ clientSecret: 'x' }] };
    expect(clean(facts)).toEqual({
      Authorization: '[redacted]',
      user: { password: '[redacted]', 'api-key': '[redacted]', id: 7 },
      list: [{ clientSecret: '[redacted]' }],
    });
  });

  it('ends circles, long lists and deep objects', () => {
    const circle: Record<string, unknown> = { count: 1 };
    circle.self = circle;
    expect(JSON.stringify(clean(circle)).length).toBeLessThan(200);
    expect(clean(Array.from({ length: 1_000 }, (_, index) => index))).toHaveLength(50);
  });
});

describe('cleanText', () => {
  it.each([
    ['no mail for ada.l+x@mail.example.com today', 'no mail for [address] today'],
    ['<ada@example.com>,bob@example.com', '<[address]>,[address]'],
    ['postgres://app:geheim@db.internal:5432/purser', 'postgres://app:[address]:5432/purser'],
    ['no address @ all', 'no address @ all'],
  ])('takes the addresses out of %s', (text, cleaned) => {
    expect(cleanText(text)).toBe(cleaned);
  });

  it('takes no longer for a text that is made to be slow', () => {
    const startedAt = performance.now();
    cleanText(`${'a.'.repeat(25_000)}@`);
    cleanText(`x@${'a.'.repeat(25_000)}`);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('describeError', () => {
  it('tells name, message, stack, code and cause, and nothing else', () => {
    const cause = Object.assign(new Error('the socket is gone'), { code: 'ECONNRESET', headers: { cookie: 'canary' } });
    const error = new TypeError('outer', { cause });
    expect(describeError(error)).toEqual({
      name: 'TypeError',
      message: 'outer',
      stack: expect.stringContaining('redaction.spec'),
      cause: { name: 'Error', message: 'the socket is gone', code: 'ECONNRESET', stack: expect.any(String) },
    });
  });

  it('does not print what was thrown and is no error', () => {
    expect(describeError({ token: 'canary' })).toBe('thrown object');
    expect(describeError('ada@example.com')).toBe('[address]');
  });
});
