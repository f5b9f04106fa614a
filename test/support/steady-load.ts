import { type Client, newKey, type Reply } from './client.js';

const PAUSE_MS = 120;
const RETRY_PAUSE_MS = 150;
const TRIES_MAX = 400;

export interface LoadOptions {
  readonly buyers: readonly Client[];
  readonly productId: string;
  /** Every which purchase is paid; none by default. */
  readonly payEvery?: number;
}

/** Buyers who place orders and read them, and pay some, until they are told to stop: each retries as a careful client does. */
export class SteadyLoad {
  /** Orders that were answered 201. */
  readonly acknowledged: string[] = [];
  /** Requests that broke or were told to come back. */
  refused = 0;
  /** Answers no retry would mend. */
  readonly failures: string[] = [];
  answered = 0;
  private isOver = false;
  private readonly running: Promise<unknown>;

  constructor(private readonly options: LoadOptions) {
    this.running = Promise.all(options.buyers.map((buyer) => this.keepBuying(buyer)));
  }

  /** Resolves when every request under way has its final answer. */
  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private async keepBuying(buyer: Client): Promise<void> {
    for (let purchase = 0; !this.isOver; purchase += 1) {
      await this.buy(buyer, purchase);
      await pause(PAUSE_MS);
    }
  }

  private async buy(buyer: Client, purchase: number): Promise<void> {
    const { productId, payEvery = Infinity } = this.options;
    const keys = { place: newKey(), pay: newKey() };
    const items = [{ productId, quantity: 1 }];
    const id = (await this.final(() => buyer.tryToPlace(items, { key: keys.place }), 201))?.body.id;
    if (!id) return;
    this.acknowledged.push(id);
    await this.final(() => buyer.get(`/v1/orders/${id}`), 200);
    if (purchase % payEvery === 0) await this.final(() => buyer.pay(id, { key: keys.pay }), 201);
  }

  private async final(ask: () => Promise<Reply>, expected: number): Promise<Reply | undefined> {
    for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
      const reply = await ask();
      if (reply.status === expected) {
        this.answered += 1;
        return reply;
      }
      if (reply.status === 0 || reply.status === 503) this.refused += 1;
      else if (reply.status !== 202 && reply.body.code !== 'request-in-progress') {
        this.failures.push(`${reply.status} ${reply.text}`);
        return undefined;
      }
      await pause(RETRY_PAUSE_MS);
    }
    this.failures.push('no final answer');
    return undefined;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
