import { SetMetadata } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { routeFacts } from '../route-facts.js';
import type { Config } from '../../config/config.js';
import type { Allowance } from './allowance.js';

const HOUR_SECONDS = 3_600;

/** Doors that cost us or somebody else more than others do, or invite guessing. */
const STRICT = {
  login: { variable: 'RATE_LIMIT_LOGIN_PER_HOUR', what: 'try to log in', windowSeconds: HOUR_SECONDS },
  register: { variable: 'RATE_LIMIT_REGISTER_PER_HOUR', what: 'register', windowSeconds: HOUR_SECONDS },
  'ask-for-mail': { variable: 'RATE_LIMIT_ASK_FOR_MAIL_PER_HOUR', what: 'ask for a mail', windowSeconds: HOUR_SECONDS },
  'mail-token': { variable: 'RATE_LIMIT_MAIL_TOKEN_PER_HOUR', what: 'present a link', windowSeconds: HOUR_SECONDS },
  payment: { variable: 'RATE_LIMIT_PAYMENT_PER_MINUTE', what: 'pay', windowSeconds: 60 },
} as const satisfies Record<string, { variable: keyof Config; what: string; windowSeconds: number }>;

export type StrictLimitName = keyof typeof STRICT;

const STRICT_LIMIT = 'purser:strict-limit';

/** A limit of its own beside the ones for everything: per client address, and per user where one is known. */
export const StrictLimit = (name: StrictLimitName) => SetMetadata(STRICT_LIMIT, name);

export function strictLimitOf(context: ExecutionContext): StrictLimitName | undefined {
  return routeFacts.of<StrictLimitName>(STRICT_LIMIT, context);
}

/** What a strict door allows this somebody: a client address or a user. */
export function strictAllowance(name: StrictLimitName, who: string, config: Config): Allowance {
  const { variable, what, windowSeconds } = STRICT[name];
  const limit = config[variable];
  const window = windowSeconds === HOUR_SECONDS ? 'an hour' : 'a minute';
  const detail = `You may ${what} ${limit} times ${window}.`;
  return { bucket: `${who}:${name}`, limit, windowSeconds, detail };
}
