import { z } from 'zod';

/** What a variable may be. Its name ends with the unit. */
export const port = z.coerce.number().int().min(0).max(65_535);
export const milliseconds = z.coerce.number().int().min(1).max(2_147_483_647);
export const seconds = z.coerce.number().int().min(1).max(31_536_000);
export const count = z.coerce.number().int().min(1).max(1_000_000);
export const days = z.coerce.number().int().min(1).max(36_500);
export const secret = z.string().min(32);
export const httpUrl = z.url({ protocol: /^https?$/ });
export const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });
export const redisUrl = z.url({ protocol: /^rediss?$/ });
/** `https://shop.example,https://admin.shop.example`: a scheme and a host each, and no path. */
export const origins = z.string().regex(/^https?:\/\/[^\s,/]+(,https?:\/\/[^\s,/]+)*$/);
