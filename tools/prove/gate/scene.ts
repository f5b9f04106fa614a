import type { RunningShop } from '../../../test/support/running-shop.js';
import type { Reply } from '../../../test/support/client.js';
import type { Stage } from '../stage.js';

const WRONG = 'a guess that is wrong';

export interface Scene {
  readonly stage: Stage;
  readonly shop: RunningShop;
  readonly addresses: Addresses;
}

/** Addresses nobody has used yet, so that every part of a round has its own windows. */
export class Addresses {
  private last = 0;

  next(): string {
    this.last += 1;
    return `10.${this.last >> 16}.${(this.last >> 8) & 255}.${this.last & 255}`;
  }
}

/** The proxy in front appends whom it heard; what stands before it is the client's own invention. */
export function forwarded(client: string, forged?: string): { 'x-forwarded-for': string } {
  return { 'x-forwarded-for': forged === undefined ? client : `${forged}, ${client}` };
}

/** With a password that is wrong; the servers take turns. */
export function logIn(
  { shop }: Scene,
  { email, client, web }: { email: string; client: string; web: number },
): Promise<Reply> {
  return shop.visitor.post('/v1/auth/login', {
    body: { email, password: WRONG },
    headers: forwarded(client),
    web: web % shop.webs.length,
  });
}
