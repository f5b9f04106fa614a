import { defineError } from '../../shared/errors.js';

/** Whatever is wrong with the token or its session, the answer is this one: it must not help a forger. */
export class Unauthenticated extends defineError('unauthenticated', 'unauthenticated', 'No valid token') {
  constructor() {
    super('Send a valid token; log in again if it is refused.');
  }
}

/** Cookies came with the request, and not from a page of ours: the browser was made to send it. Nothing has happened. */
export class CsrfRefused extends defineError('csrf-refused', 'forbidden', 'Not asked for by our own page') {
  constructor() {
    super('A request with cookies must come from a page of this shop and carry its X-CSRF-Token.');
  }
}

/** Admins here need a second factor, and this one has none yet: only its enrolment is open to them. */
export class MfaEnrolmentRequired extends defineError(
  'mfa-enrolment-required',
  'forbidden',
  'A second factor is needed first',
) {
  constructor() {
    super('Begin with POST /v1/users/me/mfa; then everything you may do is open to you.');
  }
}

export class Forbidden extends defineError('forbidden', 'forbidden', 'Not allowed') {
  constructor() {
    super('Your roles, or the scopes of your API key, do not allow this.');
  }
}
