import { type Client, newKey, type Reply } from '../../../test/support/client.js';
import type { Hold, Proxy } from '../../../test/support/proxy.js';
import type { RunningShop } from '../../../test/support/running-shop.js';
import type { Stage } from '../stage.js';
import { type Fleet, WORKERS } from './fleet.js';
import { faultOf, type Point } from './points.js';
import type { Trap } from './trap.js';

/** Clients who send the same request under the same key, one of them first. */
const DUPLICATES = 3;

/** Holds back what the first web server answers to a payment. */
export class ReplyTrap {
  isArmed = false;

  readonly listener = () => {
    let isCaught = false;
    return (bytes: Buffer): Hold | void => {
      isCaught ||= this.isArmed && bytes.includes('/payments HTTP/');
      if (!isCaught) return;
      this.isArmed = false;
      return 'answer';
    };
  };
}

export interface Scene {
  readonly stage: Stage;
  readonly shop: RunningShop;
  readonly fleet: Fleet;
  readonly buyer: Client;
  readonly productId: string;
  readonly trap: Trap;
  readonly replies: ReplyTrap;
  /** In front of the first web server. */
  readonly door: Proxy;
}

/** Kills whoever is at this point of a payment, has everybody ask again, and looks at how it ended. */
export async function dieAt(point: Point, scene: Scene): Promise<void> {
  const { shop, buyer, fleet, door, productId } = scene;
  const order = await buyer.place([{ productId, quantity: 1 }]);
  const key = newKey();
  await shop.sandbox.webhooks({ lose: 1 });
  await arm(point, scene);
  const heldBefore = door.heldBack;
  const first = buyer.payUntilFinal(order.id, { key });
  await shop.waitUntil(() => isThere(point, scene, { orderId: order.id, heldBefore }), { what: point.name });
  const others = Array.from({ length: DUPLICATES - 1 }, () => buyer.payUntilFinal(order.id, { key }));
  if (point.victim !== 'workers') await fleet.kill({ role: 'web', index: 0 });
  if (point.victim === 'web, then the workers') await untilRecoveryAsks(shop);
  if (point.victim !== 'web') await fleet.kill(...WORKERS);
  scene.stage.reached(`killed ${point.name}`);
  await shop.sandbox.behave();
  scene.trap.disarm();
  const conversations = await Promise.all([first, ...others]);
  await shop.sandbox.webhooks({});
  await judge(scene, { orderId: order.id, conversations });
}

async function arm({ provider, statement, reply }: Point, { shop, trap, replies }: Scene): Promise<void> {
  if (provider) await shop.sandbox.misbehave(faultOf(provider));
  if (statement) trap.arm(statement);
  replies.isArmed = reply === true;
}

async function isThere(
  { provider, statement }: Point,
  { shop, trap, door }: Scene,
  { orderId, heldBefore }: { orderId: string; heldBefore: number },
): Promise<boolean> {
  if (provider) return (await shop.sandbox.hits())[0] === 1;
  if (!statement) return door.heldBack > heldBefore;
  if (!trap.hasCaught || statement.hold === 'request' || statement.after?.source.startsWith('^DELETE')) {
    return trap.hasCaught;
  }
  // What was held is the answer to a COMMIT: it has to be one.
  return (await shop.payments(orderId))[0]?.status === 'succeeded';
}

async function untilRecoveryAsks(shop: RunningShop): Promise<void> {
  await shop.waitUntil(async () => ((await shop.sandbox.hits())[0] ?? 0) > 1, { what: 'recovery to ask the provider' });
}

/** One payment, one capture, one answer, and the row that the answer speaks of. */
export async function judge(
  { stage, shop }: Pick<Scene, 'stage' | 'shop'>,
  { orderId, conversations }: { orderId: string; conversations: readonly (readonly Reply[])[] },
): Promise<void> {
  const finals = conversations.map((replies) => replies.at(-1));
  const answers = new Set(finals.map((reply) => `${reply?.status} ${reply?.text}`));
  stage.expect('different final answers for one key', answers.size === 1, [...answers]);
  stage.expect('a payment that did not end well', finals[0]?.status === 201, finals[0]?.text);
  const payments = await shop.payments(orderId);
  stage.expect('not exactly one payment', payments.length === 1, payments);
  const isThere = payments.some(({ id }) => id === finals[0]?.body.id);
  stage.expect('a 201 without its row', finals[0]?.status !== 201 || isThere, finals[0]?.text);
  const { length } = await shop.sandbox.captures({ orderId });
  stage.expect('an order not captured exactly once', length === 1, `${length} captures`);
}
