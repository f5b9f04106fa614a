import { defineError } from '../shared/errors.js';

/** The database refused to take the items. Its transaction can read no more: ask `ProductShelf.refusalOf` once it has ended. */
export class ShelfIsShort extends Error {}

export class UnknownProduct extends defineError('unknown-product', 'unprocessable', 'No such product') {
  constructor(productId: string) {
    super(`There is no product ${productId}.`, { productId });
  }
}

export class ProductUnavailable extends defineError('product-unavailable', 'conflict', 'The product is not for sale') {
  constructor(productId: string, sku: string) {
    super(`${sku} is not for sale now.`, { productId, sku });
  }
}

/** `wanted` and `available` are units; `available` is what was left when the order had been refused. */
export class OutOfStock extends defineError('out-of-stock', 'conflict', 'Not enough stock') {
  constructor(line: { productId: string; sku: string; wanted: number; available: number }) {
    super(`${line.wanted} of ${line.sku} were asked for; ${line.available} are left.`, { ...line });
  }
}
