import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** Units that came or went other than by an order, and why. Append-only: stock is the sum of these and of the orders. */
@Entity('stock_adjustments')
@Index('stock_adjustments_product_id_idx', ['productId'])
@Check('stock_adjustments_delta_is_not_zero', 'see the migration')
export class StockAdjustment {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey('Product') @Column('uuid') productId!: string;
  @Column('integer') delta!: number;
  @Column('text') reason!: string;
  @Column('uuid', { nullable: true }) actorId!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
}
