import { defineError } from '../../shared/errors.js';

export class ProductNotFound extends defineError('product-not-found', 'not-found', 'No such product') {
  constructor(id: string) {
    super(`There is no product ${id}.`);
  }
}

export class SkuTaken extends defineError('sku-taken', 'conflict', 'The SKU belongs to another product') {
  constructor(sku: string) {
    super(`Another product is called ${sku}.`, { sku });
  }
}

export class StockBelowZero extends defineError('stock-below-zero', 'conflict', 'Stock cannot be negative') {
  constructor(delta: number) {
    super(`There are fewer than ${-delta} units on hand.`, { delta });
  }
}
