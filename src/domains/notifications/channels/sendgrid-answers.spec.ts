import { outcomeOfAnswer, outcomeOfError } from './sendgrid-answers.js';

function refusal(code: number, headers: object = {}, errors: object[] = []): Error {
  const response = { headers, body: { errors } };
  return Object.assign(new Error('no'), { code, response });
}

describe("what SendGrid's answers mean", () => {
  it('takes 202 as accepted, with its message id if there is one', () => {
    const accepted = outcomeOfAnswer({ statusCode: 202, headers: { 'x-message-id': 'm-1' } });
    expect(accepted).toEqual({ kind: 'accepted', messageId: 'm-1' });
    expect(outcomeOfAnswer({ statusCode: 202, headers: {} })).toEqual({ kind: 'accepted', messageId: null });
  });

  it.each([400, 413])('takes %i as a message that will never be taken', (status) => {
    expect(outcomeOfError(refusal(status))).toMatchObject({ kind: 'refused', isPermanent: true, retryAfterMs: null });
  });

  it.each([401, 403, 404, 408, 429])('takes %i as a refusal for now', (status) => {
    expect(outcomeOfError(refusal(status))).toMatchObject({ kind: 'refused', isPermanent: false });
  });

  it.each([500, 502, 503, 504])('does not know after %i', (status) => {
    expect(outcomeOfError(refusal(status))).toMatchObject({ kind: 'unknown' });
  });

  it.each(['ECONNRESET', 'ETIMEDOUT', 'ECONNABORTED', 'ERR_CANCELED', 'EPIPE', undefined])(
    'does not know after a call that ended with %s',
    (code) => {
      expect(outcomeOfError(Object.assign(new Error('socket'), { code }))).toMatchObject({ kind: 'unknown' });
    },
  );

  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])('knows that %s sent nothing', (code) => {
    expect(outcomeOfError(Object.assign(new Error('socket'), { code }))).toMatchObject({
      kind: 'refused',
      isPermanent: false,
    });
  });

  it.each([undefined, null, 'text', 42, {}])('does not know after %j was thrown', (thrown) => {
    expect(outcomeOfError(thrown)).toMatchObject({ kind: 'unknown' });
  });

  it('waits as asked: Retry-After first, else the reset of the limit, between a second and an hour', () => {
    const waits = (headers: object) => outcomeOfError(refusal(429, headers));
    const inSeconds = (seconds: number) => String(Math.ceil(Date.now() / 1_000) + seconds);
    expect(waits({ 'retry-after': '7', 'x-ratelimit-reset': inSeconds(60) })).toMatchObject({ retryAfterMs: 7_000 });
    expect(waits({ 'x-ratelimit-reset': inSeconds(-60) })).toMatchObject({ retryAfterMs: 1_000 });
    expect(waits({ 'x-ratelimit-reset': inSeconds(86_400) })).toMatchObject({ retryAfterMs: 3_600_000 });
    expect(waits({ 'retry-after': 'soon' })).toMatchObject({ retryAfterMs: null });
    expect(waits({})).toMatchObject({ retryAfterMs: null });
  });

  it('gives a reason without address and key', () => {
    const errors = [
      { field: 'personalizations.0.to', message: 'ada@shop.example is no address' },
      { field: null, message: 'SG.abc-def.ghi is not a key' },
    ];
    const outcome = outcomeOfError(refusal(400, {}, errors));
    expect(outcome).toMatchObject({
      reason: 'SendGrid answered 400: personalizations.0.to: <address> is no address; <key> is not a key',
    });
  });

  it('keeps a reason short', () => {
    const outcome = outcomeOfError(refusal(400, {}, [{ message: 'x'.repeat(9_999) }]));
    expect(outcome.kind === 'refused' && outcome.reason.length).toBeLessThan(400);
  });
});
