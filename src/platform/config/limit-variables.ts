import { count } from './variable-kinds.js';

/** How often somebody may ask. Each is counted once for all servers, and by each server alone while Redis is down. */
export const limitVariables = {
  RATE_LIMIT_PER_MINUTE: count.default(100).describe('Requests per minute and client address, all servers together.'),
  RATE_LIMIT_PER_USER_PER_MINUTE: count
    .default(200)
    .describe('Requests per minute and user, from whatever addresses: above what one address may, for two devices.'),
  RATE_LIMIT_LOGIN_PER_HOUR: count
    .default(100)
    .describe('Logins per hour and client address, of all accounts together: one password may be tried on many.'),
  RATE_LIMIT_REGISTER_PER_HOUR: count
    .default(20)
    .describe('Registrations per hour and client address: each is a hash, a row and a mail.'),
  RATE_LIMIT_ASK_FOR_MAIL_PER_HOUR: count
    .default(10)
    .describe('Mails asked for per hour and client address, and per user: nobody floods a mailbox through us.'),
  RATE_LIMIT_MAIL_TOKEN_PER_HOUR: count
    .default(30)
    .describe('Tokens of mailed links presented per hour and client address.'),
  RATE_LIMIT_PAYMENT_PER_MINUTE: count
    .default(20)
    .describe('Payments begun per minute and client address, and per user: stolen cards are tried out in series.'),
  LOGIN_LIMIT_PER_ACCOUNT_AND_IP: count.default(5).describe('Failed logins per account and address in 15 minutes.'),
  LOGIN_LIMIT_PER_ACCOUNT: count
    .default(20)
    .describe('Failed logins per account in an hour, from anywhere but devices it knows.'),
};
