import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** What is told. Each kind has exactly one template and one way to be composed. */
export const NOTIFICATION_KINDS = [
  'welcome',
  'verify-email',
  'already-registered',
  'reset-password',
  'password-changed',
  'address-change-asked',
  'confirm-address',
  'too-many-logins',
  'data-export',
  'mfa-enabled',
  'mfa-disabled',
  'order-placed',
  'payment-receipt',
  'refund-issued',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

export const CHANNEL_NAMES = ['email'] as const;
export type ChannelName = (typeof CHANNEL_NAMES)[number];

/** `queued` → `sending` (the call may be running) → `sent` | `rejected` (it will never be sent); a refusal sets it back. */
export const NOTIFICATION_STATUSES = ['queued', 'sending', 'sent', 'rejected'] as const;
export type NotificationStatus = (typeof NOTIFICATION_STATUSES)[number];

/** One fact told to one user through one channel. It holds ids only: addresses and words are asked for when sending. */
@Entity('notifications')
@Unique('notifications_kind_fact_id_channel_key', ['kind', 'factId', 'channel'])
@Index('notifications_user_id_idx', ['userId', 'id'])
@Check('notifications_status_is_known', 'see the migration')
@Check('notifications_channel_is_known', 'see the migration')
export class Notification {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey('User') @Column('uuid') userId!: string;
  @Column('text') kind!: NotificationKind;
  /** What is told about: the account, order, payment or refund; or the event, where one account may be told again. */
  @Column('uuid') factId!: string;
  @Column('text') channel!: ChannelName;
  @Column('uuid', { nullable: true }) orderId!: string | null;
  @Column('text', { default: 'queued' }) status!: NotificationStatus;
  /** How often a claim found a send whose end nobody knows. */
  @Column('integer', { default: 0 }) ambiguousSends!: number;
  @Column('text', { nullable: true }) providerMessageId!: string | null;
  /** Carries no address and no key. */
  @Column('text', { nullable: true }) lastError!: string | null;
  @Column('integer', { default: 1 }) version!: number;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) updatedAt!: Date;
}
