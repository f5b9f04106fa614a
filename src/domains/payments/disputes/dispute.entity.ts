import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** `inquiry`: the bank only asks; `closed`: an inquiry that came to nothing. */
export const DISPUTE_STATUSES = ['inquiry', 'needs_response', 'under_review', 'won', 'lost', 'closed'] as const;
export type DisputeStatus = (typeof DISPUTE_STATUSES)[number];

/** A customer's bank wants captured money back. Amounts are minor units; the provider decides, we record and book. */
@Entity('disputes')
@Unique('disputes_provider_dispute_id_key', ['providerDisputeId'])
@Index('disputes_payment_id_idx', ['paymentId'])
@Check('disputes_amount_is_not_negative', 'see the migration')
@Check('disputes_currency_is_iso_4217', 'see the migration')
@Check('disputes_status_is_known', 'see the migration')
@Check('disputes_reinstated_was_withdrawn', 'see the migration')
export class Dispute {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey('Payment') @Column('uuid') paymentId!: string;
  @Column('text') providerDisputeId!: string;
  @Column('bigint') amount!: number;
  @Column('text') currency!: string;
  /** In the provider's words, for example `fraudulent`. */
  @Column('text') reason!: string;
  @Column('text') status!: DisputeStatus;
  @Column('timestamptz', { nullable: true }) withdrawnAt!: Date | null;
  @Column('timestamptz', { nullable: true }) reinstatedAt!: Date | null;
  @Column('integer', { default: 1 }) version!: number;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) updatedAt!: Date;
}
