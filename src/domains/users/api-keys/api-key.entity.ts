import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { Permission } from '../../../contracts/permissions.js';
import { User } from '../user.entity.js';

/** A key with which a program asks for its owner. The key itself is shown once and not stored. */
@Entity('api_keys')
@Unique('api_keys_secret_hash_key', ['secretHash'])
@Check('api_keys_scopes_are_some', `cardinality(scopes) > 0`)
@Index('api_keys_user_id_idx', ['userId', 'id'])
export class ApiKey {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey(() => User)
  @Column('uuid')
  userId!: string;
  @Column('text') name!: string;
  /** How the key begins, to be told from others. */
  @Column('text') prefix!: string;
  /** SHA-256, in base64url. */
  @Column('text') secretHash!: string;
  @Column('text', { array: true }) scopes!: Permission[];
  @Column('timestamptz') expiresAt!: Date;
  /** To ten minutes, so that not every request writes. */
  @Column('timestamptz', { nullable: true }) lastUsedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
  @Column('integer', { default: 1 }) version!: number;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
}
