import type { Config } from '../../../platform/config/config.js';
import { ownOrigins } from '../../../platform/config/own-origins.js';
import { InvalidRequest } from '../../../shared/errors.js';
import { isPublicUrl } from '../../../shared/public-url.js';

/**
 * Where 3-D Secure sends the customer back to: to us unless told otherwise, or to a page of ours elsewhere. Nobody is sent into a private network, and
 * nothing of ours ever opens the address.
 * @throws InvalidRequest
 */
export function returnUrlOf(wanted: string | undefined, config: Config): string {
  if (wanted === undefined) return config.PUBLIC_URL;
  const isOurs = URL.canParse(wanted) && ownOrigins(config).has(new URL(wanted).origin);
  if (isOurs || isPublicUrl(wanted)) return wanted;
  throw new InvalidRequest([{ pointer: '#/returnUrl', detail: 'returnUrl must be a public https address' }]);
}
