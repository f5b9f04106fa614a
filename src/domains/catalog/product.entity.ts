import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import { safeInteger } from '../../platform/database/bigint.transformer.js';
import { newId } from '../../shared/ids.js';

/** What an admin decides about a product. `unitAmount` is minor units of `currency`. */
export interface ProductFacts {
  sku: string;
  name: string;
  description: string;
  unitAmount: number;
  currency: string;
  isActive: boolean;
}

/**
 * Something for sale. `version` counts what admins changed; orders move `stockOnHand` without it, because their own
 * events tell of that.
 */
@Entity('products')
@Unique('products_sku_key', ['sku'])
@Check('products_unit_amount_is_positive', 'see the migration')
@Check('products_currency_is_iso_4217', 'see the migration')
@Check('products_stock_is_not_negative', 'see the migration')
export class Product implements ProductFacts {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') sku!: string;
  @Column('text') name!: string;
  @Column('text', { default: '' }) description!: string;
  @Column('bigint', { transformer: safeInteger }) unitAmount!: number;
  @Column('text') currency!: string;
  @Column('integer', { default: 0 }) stockOnHand!: number;
  @Column('boolean', { default: true }) isActive!: boolean;
  @Column('integer', { default: 1 }) version!: number;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) updatedAt!: Date;

  /** New on the shelf and empty: stock comes by adjustments only, so that every unit has a reason. */
  static create(facts: ProductFacts, id = newId()): Product {
    return Object.assign(new Product(), facts, { id, stockOnHand: 0 });
  }

  /** Takes over what is named and tells whether anything is different now. */
  change(facts: Partial<ProductFacts>): boolean {
    const before = { ...this };
    const named = Object.entries(facts).filter(([, value]) => value !== undefined);
    Object.assign(this, Object.fromEntries(named));
    return named.some(([name, value]) => before[name as keyof ProductFacts] !== value);
  }
}
