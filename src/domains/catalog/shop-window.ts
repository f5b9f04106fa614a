import type { CachePlace } from '../../platform/cache/cache.js';
import type { ListProducts } from './products.dto.js';

/** The cache's namespace of everything customers see of the catalogue. */
export const SHOP_WINDOW = 'products';

export function placeOfPage({ limit, after, currency, q }: ListProducts): CachePlace {
  return { namespace: SHOP_WINDOW, key: `page ${JSON.stringify([limit, after, currency, q])}` };
}

export function placeOfProduct(id: string): CachePlace {
  return { namespace: SHOP_WINDOW, key: `product ${id}` };
}
