import { createHash } from 'node:crypto';
import { type Form, decodeForm } from '../core/form.js';
import { type Incoming, header } from '../core/http.js';
import type { JsonObject } from '../core/json.js';
import type { World } from '../core/world.js';
import { unauthorized } from './failures.js';
import type { Route } from './routes.js';

/** Whom a stored body is about, for the journal: the object, or the intent inside an error. */
export function aboutBody(body: string): { object: string | null; metadata: Record<string, string> } {
  const answer = JSON.parse(body) as { id?: string; metadata?: Record<string, string>; error?: JsonObject };
  const inner = answer.error?.['payment_intent'] as typeof answer | undefined;
  const about = answer.error ? inner : answer;
  return { object: about?.id ?? null, metadata: about?.metadata ?? {} };
}

export function fingerprint({ method, path, body }: Incoming): string {
  const parameters = body.split('&').sort().join('&');
  return createHash('sha256').update(`${method} ${path}\n${parameters}`).digest('base64');
}

/** Stripe.js sends its key as a parameter. */
export function readForm(incoming: Incoming): Form {
  const form = decodeForm(incoming.method === 'POST' ? incoming.body : incoming.query);
  delete form['key'];
  return form;
}

const KEY_IN_FORM = /(?:^|&)key=((?:pk|sk)_test_\w+)/;

export function apiKey(incoming: Incoming): string {
  const [scheme = '', credentials = ''] = (header(incoming, 'authorization') ?? '').split(' ');
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() === 'basic') return Buffer.from(credentials, 'base64').toString().split(':')[0] ?? '';
  return KEY_IN_FORM.exec(incoming.method === 'POST' ? incoming.body : incoming.query)?.[1] ?? '';
}

export function authorize(world: World, incoming: Incoming, route: Route): void {
  const key = apiKey(incoming);
  if (key === '') {
    throw unauthorized(
      'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth ' +
        "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details.",
    );
  }
  if (/^pk_test_\w+$/.test(key)) {
    if (route.isPublishable) return;
    const message = 'This API call cannot be made with a publishable API key. Please use a secret API key.';
    throw unauthorized(message, 'secret_key_required');
  }
  if (/^(sk|rk)_test_\w+$/.test(key) || key === world.options.stripeKey) return;
  throw unauthorized(`Invalid API Key provided: ${key.slice(0, 8)}***`);
}
