import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Role } from '../../contracts/roles.js';
import type { Transaction } from '../../contracts/transaction.js';
import { rowOf } from '../../platform/database/sql.js';
import { prepared } from '../../platform/database/statements.js';
import { raise } from '../../shared/errors.js';
import { User } from './user.entity.js';

/** What a login decides by. */
export interface Credentials {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly credentialsVersion: number;
  readonly roles: Role[];
  readonly isActive: boolean;
  readonly isVerified: boolean;
  /** Whether a login needs a code as well. */
  readonly hasMfa: boolean;
}

export interface NewUser {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly displayName: string | null;
}

/** What a mailed token must be bound to now. */
export interface MailBinding {
  /** Of the credentials. */
  readonly version: number;
  readonly isInTime: boolean;
  /** The address waited for. */
  readonly pendingEmail: string | null;
}

/** An aggregate after a change: its version is the number of the event to append. */
export interface Changed {
  readonly id: string;
  readonly version: number;
}

export interface Profile {
  /** Null clears it. */
  readonly displayName?: string | null;
  readonly locale?: string;
}

const CREDENTIALS = `id, email, password_hash AS "passwordHash", credentials_version AS "credentialsVersion", roles,
  is_active AS "isActive", email_verified_at IS NOT NULL AS "isVerified",
  EXISTS (SELECT FROM mfa_factors f WHERE f.user_id = users.id AND f.confirmed_at IS NOT NULL) AS "hasMfa"`;

const BY_EMAIL = prepared('users.by_email', `SELECT ${CREDENTIALS} FROM users WHERE email = $1`);

const BY_ID = prepared('users.by_id', `SELECT ${CREDENTIALS} FROM users WHERE id = $1`);

const REGISTER = `INSERT INTO users (id, email, password_hash, display_name, verification_sent_at)
  VALUES ($1, $2, $3, $4, now()) ON CONFLICT (email) DO NOTHING RETURNING id, version`;

// Nobody has proven that an unverified account is theirs, so the last who registered it decides its password, and what
// was mailed to the one before is void: a stranger's password cannot wait for the owner's click on an earlier mail.
const REGISTER_AGAIN = `UPDATE users
  SET verification_sent_at = now(), updated_at = now(), version = version + 1,
      password_hash = CASE WHEN email_verified_at IS NULL THEN $2 ELSE password_hash END,
      display_name = CASE WHEN email_verified_at IS NULL THEN $3 ELSE display_name END,
      credentials_version = credentials_version + (email_verified_at IS NULL)::int
  WHERE email = $1 AND is_active
    AND (verification_sent_at IS NULL OR verification_sent_at <= now() - $4 * interval '1 millisecond')
  RETURNING id, version`;

const MAIL_BINDING = `SELECT credentials_version AS version, $2::bigint > extract(epoch FROM now()) AS "isInTime",
    pending_email AS "pendingEmail"
  FROM users WHERE id = $1 AND is_active`;

const ASK_VERIFICATION = `UPDATE users SET verification_sent_at = now(), updated_at = now(), version = version + 1
  WHERE id = $1 AND is_active AND email_verified_at IS NULL
    AND (verification_sent_at IS NULL OR verification_sent_at <= now() - $2 * interval '1 millisecond')
  RETURNING id, version`;

const VERIFY = `UPDATE users SET email_verified_at = now(), updated_at = now(), version = version + 1
  WHERE id = $1 AND credentials_version = $2 AND is_active AND email_verified_at IS NULL RETURNING id, version`;

const CHANGE_PROFILE = `UPDATE users
  SET display_name = CASE WHEN $2 THEN $3 ELSE display_name END, locale = coalesce($4, locale),
      updated_at = now(), version = version + 1
  WHERE id = $1 AND (CASE WHEN $2 THEN $3 ELSE display_name END, coalesce($4, locale))
      IS DISTINCT FROM (display_name, locale)
  RETURNING id, version`;

@Injectable()
export class UsersRepository {
  constructor(private readonly dataSource: DataSource) {}

  async get(id: string): Promise<User> {
    const user = await this.dataSource.manager.findOneBy(User, { id });
    return user ?? raise(new Error(`user ${id} has a session and no row`));
  }

  /** `email` in lower case. */
  async findCredentials(email: string): Promise<Credentials | null> {
    return (await rowOf<Credentials>(this.dataSource, BY_EMAIL, [email])) ?? null;
  }

  async findCredentialsOf(id: string): Promise<Credentials | null> {
    return (await rowOf<Credentials>(this.dataSource, BY_ID, [id])) ?? null;
  }

  /** Null when the address is taken; a registration of the same address under way is waited for. */
  async register(tx: Transaction, user: NewUser): Promise<Changed | null> {
    const { id, email, passwordHash, displayName } = user;
    return (await rowOf<Changed>(tx, REGISTER, [id, email, passwordHash, displayName])) ?? null;
  }

  /** Null when nothing is to be done: the account is closed, or had a mail less than `intervalMs` ago. */
  async registerAgain(tx: Transaction, user: NewUser, intervalMs: number): Promise<Changed | null> {
    const { email, passwordHash, displayName } = user;
    return (await rowOf<Changed>(tx, REGISTER_AGAIN, [email, passwordHash, displayName, intervalMs])) ?? null;
  }

  /** What a token mailed to this account must be bound to, and whether `expiry` (s since the epoch) is still to come. */
  async findMailBinding(id: string, expiry: number): Promise<MailBinding | null> {
    return (await rowOf<MailBinding>(this.dataSource, MAIL_BINDING, [id, expiry])) ?? null;
  }

  /** Null when the address is verified by now, or a mail went less than `intervalMs` ago. */
  async askVerification(tx: Transaction, id: string, intervalMs: number): Promise<Changed | null> {
    return (await rowOf<Changed>(tx, ASK_VERIFICATION, [id, intervalMs])) ?? null;
  }

  /** Null when the address is verified already, or the credentials are not those of `credentialsVersion` any more. */
  async verify(tx: Transaction, id: string, credentialsVersion: number): Promise<Changed | null> {
    return (await rowOf<Changed>(tx, VERIFY, [id, credentialsVersion])) ?? null;
  }

  /** Null when everything is so already. */
  async changeProfile(tx: Transaction, id: string, profile: Profile): Promise<Changed | null> {
    const { displayName, locale } = profile;
    const parameters = [id, displayName !== undefined, displayName ?? null, locale ?? null];
    return (await rowOf<Changed>(tx, CHANGE_PROFILE, parameters)) ?? null;
  }
}
