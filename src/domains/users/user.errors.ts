import { defineError } from '../../shared/errors.js';

/** Wrong password, unknown address, address not verified, account closed: one answer, so that none of it can be told. */
export class InvalidCredentials extends defineError('invalid-credentials', 'unauthenticated', 'Login refused') {
  constructor() {
    super('Address and password do not belong to an account that may log in.');
  }
}

/** Whoever is logged in could not say the account's password. Not 401: their token is good. */
export class WrongPassword extends defineError('wrong-password', 'invalid', 'The password is not right') {
  constructor() {
    super('Send the password that this account has now as currentPassword.');
  }
}

/** The password was right, and a code is still to come: `POST /v1/auth/mfa` takes it with this token. */
export class MfaRequired extends defineError('mfa-required', 'unauthenticated', 'A second factor is needed') {
  constructor(mfaToken: string) {
    super('Send a code of your authenticator app, or a recovery code.', { mfaToken });
  }
}

/** Not the code of now, used before, or no recovery code (any more). Not 401: whoever sent it is who they were before. */
export class WrongCode extends defineError('wrong-code', 'invalid', 'The code is not right') {
  constructor() {
    super('Wait for the next code of your app, or send a recovery code you have not used yet.');
  }
}

export class MfaNotEnrolled extends defineError('mfa-not-enrolled', 'conflict', 'There is no second factor') {
  constructor() {
    super('Begin with POST /v1/users/me/mfa.');
  }
}

export class MfaAlreadyEnabled extends defineError('mfa-already-enabled', 'conflict', 'There is a second factor') {
  constructor() {
    super('Remove the one you have before you begin with another.');
  }
}

/** The token of a mailed link is forged, too old, or for an address or password that has changed since. */
export class InvalidMailToken extends defineError('invalid-token', 'invalid', 'The link is not valid') {
  constructor() {
    super('Ask for a new mail and use the link in it.');
  }
}

/** Whoever is gone could neither pay nor cancel what they ordered, nor get back what they paid. */
export class OrdersPending extends defineError('orders-pending', 'conflict', 'Orders are still pending') {
  constructor(count: number) {
    super(`${count} of your orders are still pending: pay or cancel them first.`, { pendingOrders: count });
  }
}

export class SessionNotFound extends defineError('session-not-found', 'not-found', 'No such session') {
  constructor(id: string) {
    super(`You have no open session ${id}.`);
  }
}

export class UserNotFound extends defineError('user-not-found', 'not-found', 'No such user') {
  constructor(id: string) {
    super(`There is no user ${id}.`);
  }
}

/** Else the last admin could lock everybody out, and a hurried one themselves. */
export class OwnAdminRights extends defineError(
  'own-admin-rights',
  'conflict',
  'Your own rights are not yours to take',
) {
  constructor() {
    super('Ask another admin to shut your account or to take the role from you.');
  }
}

export class ApiKeyNotFound extends defineError('api-key-not-found', 'not-found', 'No such API key') {
  constructor(id: string) {
    super(`You have no API key ${id}.`);
  }
}

export class TooManyApiKeys extends defineError('too-many-api-keys', 'conflict', 'Too many API keys') {
  constructor(limit: number) {
    super(`You may have ${limit} API keys. Revoke one that nobody uses.`, { limit });
  }
}
