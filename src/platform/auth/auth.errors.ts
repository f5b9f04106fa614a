import { defineError } from '../../shared/errors.js';

/** Whatever is wrong with the token or its session, the answer is this one: it must not help a forger. */
export class Unauthenticated extends defineError('unauthenticated', 'unauthenticated', 'No valid token') {
  constructor() {
    super('Send a valid token; log in again if it is refused.');
  }
}

export class Forbidden extends defineError('forbidden', 'forbidden', 'Not allowed') {
  constructor() {
    super('Your roles do not allow this.');
  }
}
