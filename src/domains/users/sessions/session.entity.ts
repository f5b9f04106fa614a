import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { User } from '../user.entity.js';

export const END_REASONS = ['logout', 'reuse', 'revoked'] as const;
export type EndReason = (typeof END_REASONS)[number];

/** One login on one device, with the family of its refresh tokens. The truth; Redis only holds copies. */
@Entity('sessions')
@Check(
  'sessions_revoked_reason_is_known',
  `revoked_reason = ANY (ARRAY['logout'::text, 'reuse'::text, 'revoked'::text])`,
)
export class Session {
  @PrimaryColumn('uuid') id!: string;
  @Index('sessions_user_id_idx')
  @ForeignKey(() => User)
  @Column('uuid')
  userId!: string;
  /** Which refresh token of the family is the newest. */
  @Column('integer', { default: 0 }) generation!: number;
  /** Random; without it, and the secret of the configuration, nobody computes a refresh token. */
  @Column('text') seed!: string;
  /** The client's User-Agent, as it said. */
  @Column('text', { nullable: true }) device!: string | null;
  @Column('text', { nullable: true }) ip!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) rotatedAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) lastUsedAt!: Date;
  @Column('timestamptz') expiresAt!: Date;
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
  @Column('text', { nullable: true }) revokedReason!: EndReason | null;
  @Column('integer', { default: 1 }) version!: number;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
}
