import { TOTP } from 'otpauth';
import type request from 'supertest';
import { MfaFactorsRepository } from '../../src/domains/users/mfa/mfa-factors.repository.js';
import { Accounts, PASSWORD, type Tokens } from './users.support.js';

export const LIMIT = 5;
const PERIOD_MS = 30_000;
/** In the middle of a period: no test is told another code because a new one has just begun. */
const NOW = Date.UTC(2026, 10, 26, 12, 0, 15);

export interface Offered {
  readonly secret: string;
  readonly otpauthUrl: string;
  readonly recoveryCodes: string[];
}

export type Joined = Tokens & { readonly email: string; readonly userId: string; readonly sessionId: string };

/** Accounts, and the authenticator apps of their owners. */
export class Members {
  private count = 0;

  private constructor(readonly accounts: Accounts) {}

  static async start(): Promise<Members> {
    const env = { MFA_LIMIT_PER_ACCOUNT: String(LIMIT), MFA_REQUIRED_FOR_ADMINS: 'true' };
    const members = new Members(await Accounts.start(env));
    const { factors } = members;
    const find = factors.find.bind(factors);
    jest.spyOn(factors, 'find').mockImplementation(async (userId) => {
      const factor = await find(userId);
      return factor && { ...factor, now: NOW };
    });
    return members;
  }

  get factors(): MfaFactorsRepository {
    return this.accounts.app.get(MfaFactorsRepository, { strict: false });
  }

  /** What the app shows, so many periods from now. */
  codeOf({ secret }: { secret: string }, drift = 0): string {
    return new TOTP({ secret }).generate({ timestamp: NOW + drift * PERIOD_MS });
  }

  async join(): Promise<Joined> {
    const email = `anna-${++this.count}@example.com`;
    return { ...(await this.accounts.join(email)), email };
  }

  offer(token: string, currentPassword = PASSWORD): request.Test {
    return this.accounts.call('post', '/users/me/mfa', token).send({ currentPassword });
  }

  confirm(token: string, code: string): request.Test {
    return this.accounts.call('post', '/users/me/mfa/confirm', token).send({ code });
  }

  finish(mfaToken: string, code: string, mode?: string): request.Test {
    return this.accounts.call('post', '/auth/mfa', mfaToken).send({ code, ...(mode ? { mode } : {}) });
  }

  /** An account that is asked for codes, as if none had ever been used. */
  async enrolled(): Promise<Joined & Offered> {
    const member = await this.join();
    const offered = (await this.offer(member.accessToken).expect(201)).body as Offered;
    await this.confirm(member.accessToken, this.codeOf(offered)).expect(204);
    await this.accounts.db.query(`UPDATE mfa_factors SET last_counter = NULL WHERE user_id = $1`, [member.userId]);
    return { ...member, ...offered };
  }

  /** The password was right, and the code is still to come. */
  async half(member: { email: string }): Promise<string> {
    const { body } = await this.accounts.logIn(member.email).expect(401);
    expect(body).toMatchObject({ code: 'mfa-required', mfaToken: expect.any(String) });
    return String(body.mfaToken);
  }
}
