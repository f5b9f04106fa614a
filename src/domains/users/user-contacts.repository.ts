import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { UserDirectory, type AccountLink, type AddressChange, type Contact } from '../../contracts/letters.js';
import { CONFIG, type Config } from '../../platform/config/config.js';
import { rowOf } from '../../platform/database/sql.js';
import { prepared } from '../../platform/database/statements.js';
import { MailTokens, type MailGrant } from './registration/mail-tokens.js';

const CONTACT = prepared(
  'users.contact',
  `SELECT id AS "userId", email, display_name AS "displayName" FROM users WHERE id = $1 AND is_active`,
);

const GRANT = `credentials_version AS version, floor(extract(epoch FROM now()))::float8 + $2::integer AS expiry`;

const OPEN = `SELECT ${GRANT} FROM users WHERE id = $1 AND is_active`;
const VERIFIABLE = `${OPEN} AND email_verified_at IS NULL`;

const CHANGING = `SELECT ${GRANT}, pending_email AS address,
    EXISTS (SELECT FROM users AS other WHERE other.email = users.pending_email) AS "isTaken"
  FROM users WHERE id = $1 AND is_active AND pending_email IS NOT NULL`;

/** What a token is bound to, as far as the row says. */
type Bound = Pick<MailGrant, 'version' | 'expiry'>;

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
    const bound = await this.read<Bound>(VERIFIABLE, userId, this.config.VERIFY_TOKEN_TTL_SECONDS);
    return bound && this.link('v1/auth/verify-email', { purpose: 'verify-email', userId, ...bound });
  }

  async accountLinkOf(userId: string, purpose: AccountLink): Promise<string | null> {
    const { RESET_TOKEN_TTL_SECONDS, EXPORT_TOKEN_TTL_SECONDS } = this.config;
    const isReset = purpose === 'reset-password';
    const bound = await this.read<Bound>(OPEN, userId, isReset ? RESET_TOKEN_TTL_SECONDS : EXPORT_TOKEN_TTL_SECONDS);
    return bound && this.link(isReset ? 'v1/auth/reset-password' : 'v1/data-exports', { purpose, userId, ...bound });
  }

  async addressChangeOf(userId: string): Promise<AddressChange | null> {
    const { VERIFY_TOKEN_TTL_SECONDS } = this.config;
    const found = await this.read<Bound & { address: string; isTaken: boolean }>(
      CHANGING,
      userId,
      VERIFY_TOKEN_TTL_SECONDS,
    );
    if (!found) return null;
    const { isTaken, ...bound } = found;
    const grant = { purpose: 'change-email', userId, ...bound } as const;
    return { address: bound.address, link: isTaken ? null : this.link('v1/auth/verify-email', grant) };
  }

  private async read<Row>(sql: string, userId: string, ttlSeconds: number): Promise<Row | null> {
    return (await rowOf<Row>(this.dataSource, sql, [userId, ttlSeconds])) ?? null;
  }

  private link(path: string, grant: MailGrant): string {
    const { PUBLIC_URL } = this.config;
    const link = new URL(path, PUBLIC_URL.endsWith('/') ? PUBLIC_URL : `${PUBLIC_URL}/`);
    link.searchParams.set('token', this.tokens.make(grant));
    return link.href;
  }
}
