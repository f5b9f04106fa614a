import { z } from 'zod';
import type { SendOutcome } from './channel.js';

/** Errors of a connection that never stood: nothing was written to it. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** SendGrid's word for "this message is wrong": 400 (content, addresses), 413 (size). Keys and limits are no message's fault. */
const WRONG_MESSAGE = new Set([400, 413]);

const RETRY_AFTER_MIN_MS = 1_000;
const RETRY_AFTER_MAX_MS = 3_600_000;
const REASON_LENGTH_MAX = 300;

const headersOf = z.object({
  'x-message-id': z.string().optional().catch(undefined),
  'retry-after': z.coerce.number().min(0).optional().catch(undefined),
  'x-ratelimit-reset': z.coerce.number().min(0).optional().catch(undefined),
});

const answered = z.object({
  code: z.int(),
  response: z.object({ headers: z.unknown(), body: z.unknown() }),
});

const explained = z.object({ errors: z.array(z.object({ message: z.string(), field: z.string().nullish() })) });

const failed = z.object({ code: z.string() });

export function outcomeOfAnswer({ statusCode, headers }: { statusCode: number; headers: unknown }): SendOutcome {
  if (statusCode < 200 || statusCode > 299) return { kind: 'unknown', reason: `SendGrid answered ${statusCode}` };
  return { kind: 'accepted', messageId: headersOf.safeParse({ ...Object(headers) }).data?.['x-message-id'] ?? null };
}

/**
 * What the SDK's error means. The error itself goes no further: it carries the request, its API key and the address.
 * A 4xx is a refusal; a 5xx, a cut connection or silence may come after the mail was taken.
 */
export function outcomeOfError(error: unknown): SendOutcome {
  const answer = answered.safeParse(error);
  if (answer.success) return outcomeOfRefusal(answer.data.code, answer.data.response);
  const code = failed.safeParse(error).data?.code ?? 'no code';
  if (!NEVER_CONNECTED.has(code)) return { kind: 'unknown', reason: `SendGrid did not answer (${code})` };
  const reason = `SendGrid could not be reached (${code})`;
  return { kind: 'refused', isPermanent: false, retryAfterMs: null, reason };
}

/** Whether the SDK's error is SendGrid's own word. A 5xx is none: it says that SendGrid cannot answer. */
export function isAnswer(error: unknown): boolean {
  const answer = answered.safeParse(error);
  return answer.success && answer.data.code < 500;
}

function outcomeOfRefusal(status: number, response: { headers: unknown; body: unknown }): SendOutcome {
  const reason = `SendGrid answered ${status}${explanation(response.body)}`;
  if (status < 400 || status > 499) return { kind: 'unknown', reason };
  const retryAfterMs = status === 429 ? pauseAskedFor(response.headers) : null;
  return { kind: 'refused', isPermanent: WRONG_MESSAGE.has(status), retryAfterMs, reason };
}

/** `Retry-After` in seconds, else `X-RateLimit-Reset`, a Unix time (https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits). */
function pauseAskedFor(headers: unknown): number | null {
  const { 'retry-after': seconds, 'x-ratelimit-reset': resetsAt } = headersOf.parse({ ...Object(headers) });
  const pauseMs =
    seconds !== undefined ? seconds * 1_000 : resetsAt !== undefined ? resetsAt * 1_000 - Date.now() : null;
  return pauseMs === null ? null : Math.min(Math.max(pauseMs, RETRY_AFTER_MIN_MS), RETRY_AFTER_MAX_MS);
}

function explanation(body: unknown): string {
  const { errors = [] } = explained.safeParse(body).data ?? {};
  if (errors.length === 0) return '';
  const said = errors.map(({ message, field }) => (field ? `${field}: ${message}` : message)).join('; ');
  return `: ${redacted(said).slice(0, REASON_LENGTH_MAX)}`;
}

function redacted(text: string): string {
  return text.replace(/[^\s<>[\]"']+@[^\s<>[\]"']+/g, '<address>').replace(/SG\.[\w.-]+/g, '<key>');
}
