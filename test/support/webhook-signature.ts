import { createHmac } from 'node:crypto';

/** The provider's scheme (https://docs.stripe.com/webhooks#verify-manually): HMAC-SHA256 of `<seconds>.<body>`. */
export function stripeSignature(
  body: string,
  { secret, ageSeconds = 0 }: { secret: string; ageSeconds?: number },
): string {
  const seconds = Math.floor(Date.now() / 1_000) - ageSeconds;
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}
