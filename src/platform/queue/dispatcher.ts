import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Subscriber } from '../../contracts/domain-events.js';
import { CONFIG, type Config } from '../config/config.js';
import { DeliveriesRepository, type DispatchedDelivery } from '../events/deliveries.repository.js';
import { Draining } from '../health/draining.js';
import { WorkerHeartbeat } from '../health/worker-heartbeat.js';
import { PollLoop } from '../scheduling/poll-loop.js';
import { Log } from '../telemetry/log.js';
import { DELIVERY_QUEUES, type DeliveryQueues } from './queues.js';

/** Jobs there may be for one attempt at a delivery. Three, so that a turn skipped by a late poll is no repetition. */
const TURNS = 3;

/** Hands due deliveries to Bull. Every worker runs one; SKIP LOCKED keeps them out of each other's way. */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: PollLoop;

  constructor(
    private readonly deliveries: DeliveriesRepository,
    @Inject(DELIVERY_QUEUES) private readonly queues: DeliveryQueues,
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: Log,
    private readonly draining: Draining,
    private readonly heartbeat: WorkerHeartbeat,
  ) {
    this.loop = new PollLoop({
      intervalMs: config.DISPATCH_POLL_MS,
      turn: () => this.dispatch(),
      onOutage: (error) => this.log.error({ message: 'dispatching failed; trying on', error }),
    });
  }

  onApplicationBootstrap(): void {
    for (const [name, queue] of Object.entries(this.queues)) {
      queue.on('error', (error: Error) => this.log.debug({ message: `queue ${name}: ${error.message}` }));
    }
    this.draining.onBegin(() => this.rest());
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** Takes no more work here, and resolves when the jobs under way are done; the clients stay open for those. */
  private async rest(): Promise<void> {
    await this.loop.stop();
    const queues = Object.values(this.queues);
    await Promise.all(queues.map((queue) => queue.pause(true, true)));
    await Promise.all(queues.map((queue) => queue.whenCurrentJobsFinished()));
  }

  /** One batch. What Redis does not take in time is due again by itself. */
  private async dispatch(): Promise<boolean> {
    const due = await this.deliveries.takeDue();
    this.heartbeat.beat();
    const bySubscriber = new Map<Subscriber, DispatchedDelivery[]>();
    for (const delivery of due) {
      bySubscriber.set(delivery.subscriber, [...(bySubscriber.get(delivery.subscriber) ?? []), delivery]);
    }
    await Promise.all([...bySubscriber].map(([subscriber, deliveries]) => this.hand(subscriber, deliveries)));
    return due.length === this.config.DISPATCH_BATCH_MAX;
  }

  private async hand(subscriber: Subscriber, deliveries: DispatchedDelivery[]): Promise<void> {
    // A worker killed between taking a job and claiming its delivery holds the job's id until Bull has noticed, which
    // took more than 90 s. So ids take turns: the next hand-over has another one, and a backlog piles up no further.
    const turn = Math.floor(Date.now() / this.config.DELIVERY_REDISPATCH_MS) % TURNS;
    const jobs = deliveries.map((data) => ({ data, opts: { jobId: `${data.eventId}-${data.attempts}-${turn}` } }));
    await within(this.config.DISPATCH_ADD_TIMEOUT_MS, this.queues[subscriber].addBulk(jobs));
  }
}

/** Bull's add waits for ever while Redis is down. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis took no jobs within ${milliseconds} ms`)), milliseconds);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
