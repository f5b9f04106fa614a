import { type Client, newKey, type Reply } from '../../../test/support/client.js';
import type { RunningShop } from '../../../test/support/running-shop.js';
import type { Stage } from '../stage.js';

/** Customers who place, pay and look, one after the other, until they are called home. */
export class Customers {
  slowestMs = 0;
  private isOver = false;

  constructor(
    private readonly stage: Stage,
    private readonly shop: RunningShop,
    private readonly buyers: readonly Client[],
  ) {}

  /** Their work: ends when each has ended the purchase at hand. Answers how many were made. */
  async shopUntilCalled(): Promise<number> {
    this.isOver = false;
    this.slowestMs = 0;
    const { id: productId } = await this.shop.product({ stock: 100_000 });
    const each = async (buyer: Client, index: number) => {
      let purchases = 0;
      for (; !this.isOver; purchases += 1) await this.buy(buyer, { productId, web: index % this.shop.webs.length });
      return purchases;
    };
    const counts = await Promise.all(this.buyers.map(each));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  callHome(): void {
    this.isOver = true;
  }

  private async buy(buyer: Client, { productId, web }: { productId: string; web: number }): Promise<void> {
    const items = [{ productId, quantity: 1 }];
    const placed = await this.timed(201, () => buyer.tryToPlace(items, { web }));
    await this.timed(201, () => buyer.pay(placed.body.id, { key: newKey(), web }));
    const seen = await this.timed(200, () => buyer.get(`/v1/orders/${placed.body.id}`, { web }));
    await this.timed(200, () => buyer.get('/v1/products', { web }));
    this.stage.expect('a paid order that is not completed', seen.body.status === 'completed', seen.text);
  }

  private async timed(status: number, ask: () => Promise<Reply>): Promise<Reply> {
    const began = performance.now();
    const reply = await ask();
    this.slowestMs = Math.max(this.slowestMs, performance.now() - began);
    this.stage.expect('a request that failed', reply.status === status, `${reply.status} ${reply.text}`);
    return reply;
  }
}
