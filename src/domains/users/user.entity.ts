import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import type { Role } from '../../contracts/roles.js';

/** One account. Its statements stand in {@link UsersRepository}; every change raises `version`, its event's number. */
@Entity('users')
@Unique('users_email_key', ['email'])
@Check('users_email_is_lower_case', `email = lower(email) AND length(email) <= 254`)
@Check('users_pending_email_is_lower_case', `pending_email = lower(pending_email) AND length(pending_email) <= 254`)
@Check('users_erased_is_closed', `erased_at IS NULL OR NOT is_active`)
@Check(
  'users_roles_are_known',
  `roles <@ ARRAY['user'::text, 'support'::text, 'admin'::text] AND cardinality(roles) > 0`,
)
export class User {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') email!: string;
  @Column('text') passwordHash!: string;
  /** Raised with every new password or address: what was mailed before is void then. */
  @Column('integer', { default: 1 }) credentialsVersion!: number;
  @Column('text', { nullable: true }) displayName!: string | null;
  /** BCP 47. */
  @Column('text', { default: 'en' }) locale!: string;
  @Column('text', { array: true, default: ['user'] }) roles!: Role[];
  @Column('boolean', { default: true }) isActive!: boolean;
  @Column('timestamptz', { nullable: true }) emailVerifiedAt!: Date | null;
  /** When a mail that anybody can cause (register, login before verification) was last asked for. */
  @Column('timestamptz', { nullable: true }) verificationSentAt!: Date | null;
  /** The address to change to, once whoever reads its mail has said so. */
  @Column('text', { nullable: true }) pendingEmail!: string | null;
  /** When a mail with a link to set a new password was last asked for. */
  @Column('timestamptz', { nullable: true }) resetSentAt!: Date | null;
  /** The account is a number only: nothing in it tells of anybody, and its address is free. */
  @Column('timestamptz', { nullable: true }) erasedAt!: Date | null;
  @Column('integer', { default: 1 }) version!: number;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) updatedAt!: Date;
}
