import type { Config } from '../../../platform/config/config.js';
import { InvalidRequest } from '../../../shared/errors.js';
import { isPublicUrl } from '../../../shared/public-url.js';

/**
 * Where 3-D Secure sends the customer back to: to us unless told otherwise. Nobody is sent into a private network, and
 * nothing of ours ever opens the address.
 * @throws InvalidRequest
 */
export function returnUrlOf(wanted: string | undefined, { PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>): string {
  if (wanted === undefined) return PUBLIC_URL;
  const isOurs = URL.canParse(wanted) && new URL(wanted).origin === new URL(PUBLIC_URL).origin;
  if (isOurs || isPublicUrl(wanted)) return wanted;
  throw new InvalidRequest([{ pointer: '#/returnUrl', detail: 'returnUrl must be a public https address' }]);
}
