import type { Config } from './config.js';

/** Where our own pages come from: the API's address, and what else is configured. */
export function ownOrigins({
  PUBLIC_URL,
  BROWSER_ORIGINS,
}: Pick<Config, 'PUBLIC_URL' | 'BROWSER_ORIGINS'>): Set<string> {
  return new Set([PUBLIC_URL, ...(BROWSER_ORIGINS?.split(',') ?? [])].map((url) => new URL(url).origin));
}
