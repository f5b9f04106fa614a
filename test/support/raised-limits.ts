const MANY = '1000000';

/** A test is one address, and often one user, that asks a lot: the limits are raised, never switched off. */
export const RAISED_LIMITS = {
  RATE_LIMIT_PER_MINUTE: MANY,
  RATE_LIMIT_PER_USER_PER_MINUTE: MANY,
  RATE_LIMIT_LOGIN_PER_HOUR: MANY,
  RATE_LIMIT_REGISTER_PER_HOUR: MANY,
  RATE_LIMIT_ASK_FOR_MAIL_PER_HOUR: MANY,
  RATE_LIMIT_MAIL_TOKEN_PER_HOUR: MANY,
  RATE_LIMIT_PAYMENT_PER_MINUTE: MANY,
} as const;
