import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { UserDirectory, type Contact } from '../../contracts/letters.js';
import { CONFIG, type Config } from '../../platform/config/config.js';
import { rowOf } from '../../platform/database/sql.js';
import { prepared } from '../../platform/database/statements.js';
import { MailTokens } from './registration/mail-tokens.js';

const CONTACT = prepared(
  'users.contact',
  `SELECT id AS "userId", email, display_name AS "displayName" FROM users WHERE id = $1 AND is_active`,
);

const VERIFIABLE = `SELECT credentials_version AS version, floor(extract(epoch FROM now()))::float8 + $2::integer AS expiry
  FROM users WHERE id = $1 AND is_active AND email_verified_at IS NULL`;

/** What the letters ask about accounts. */
@Injectable()
export class UserContactsRepository extends UserDirectory {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: MailTokens,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    super();
  }

  async contactOf(userId: string): Promise<Contact | null> {
    return (await rowOf<Contact>(this.dataSource, CONTACT, [userId])) ?? null;
  }

  async verificationLinkOf(userId: string): Promise<string | null> {
    const { PUBLIC_URL, VERIFY_TOKEN_TTL_SECONDS } = this.config;
    const parameters = [userId, VERIFY_TOKEN_TTL_SECONDS];
    const bound = await rowOf<{ version: number; expiry: number }>(this.dataSource, VERIFIABLE, parameters);
    if (!bound) return null;
    const link = new URL('v1/auth/verify-email', PUBLIC_URL.endsWith('/') ? PUBLIC_URL : `${PUBLIC_URL}/`);
    link.searchParams.set('token', this.tokens.make({ purpose: 'verify-email', userId, ...bound }));
    return link.href;
  }
}
