import { createBullBoard } from '@bull-board/api';
import { BullAdapter } from '@bull-board/api/bullAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import Bull from 'bull';
import type { NextFunction, Request, Response } from 'express';
import { Redis } from 'ioredis';
import { SUBSCRIBER_NAMES } from '../../../contracts/domain-events.js';
import { CONFIG, type Config } from '../../config/config.js';
import { QUEUE_PREFIX } from '../queues.js';

export const BOARD_PATH = '/admin/queues';
/** A board that is asked while Redis is down answers after this, instead of waiting for it. */
const COMMAND_MAX_MS = 2_000;

type Handler = (request: Request, response: Response, next: NextFunction) => void;
type Render = (path: string, options: object, done: (error: unknown, html?: string) => void) => void;

/**
 * What is in the queues, to look at and not to touch: PostgreSQL decides what is tried again and when, and a retry from
 * here would go past it. Nothing is connected before somebody looks.
 */
@Injectable()
export class QueueBoard implements OnApplicationShutdown {
  private opened: { readonly handle: Handler; readonly redis: Redis } | undefined;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Answers a request below {@link BOARD_PATH}. */
  answer(request: Request, response: Response, next: NextFunction): void {
    this.opened ??= this.open();
    request.url = request.url.slice(BOARD_PATH.length).replace(/^(?!\/)/, '/');
    this.opened.handle(request, response, next);
  }

  onApplicationShutdown(): void {
    this.opened?.redis.disconnect();
  }

  /** One connection for all queues: they only read, so none needs the two others that Bull would open for each. */
  private open() {
    const redis = new Redis(this.config.REDIS_URL, { commandTimeout: COMMAND_MAX_MS });
    redis.on('error', () => undefined);
    const queues = SUBSCRIBER_NAMES.map(
      (name) => new Bull(name, { prefix: QUEUE_PREFIX, createClient: () => redis }),
    ).map(
      (queue) =>
        new BullAdapter(
          queue.on('error', () => undefined),
          { readOnlyMode: true },
        ),
    );
    const serverAdapter = new OwnPages();
    serverAdapter.setBasePath(BOARD_PATH);
    const uiConfig = { boardTitle: 'Purser', hideDocsLink: true, showWorkers: false };
    createBullBoard({ queues, serverAdapter, options: { uiConfig } });
    return { handle: serverAdapter.getRouter() as Handler, redis };
  }
}

const FOREIGN_STYLES = /<link href="https:[^>]*>/g;

/** The board's own pages, without the fonts they would fetch from elsewhere, and without the words of our errors. */
class OwnPages extends ExpressAdapter {
  override setViewsPath(path: string): this {
    super.setViewsPath(path);
    this.app.disable('x-powered-by');
    const { engines } = this.app as unknown as { engines: Record<string, Render> };
    const render = engines['.ejs'];
    if (render) {
      this.app.engine('ejs', (file, options, done) =>
        render(file, options, (error, html) => done(error, html?.replaceAll(FOREIGN_STYLES, ''))),
      );
    }
    return this;
  }

  override setErrorHandler(): this {
    return super.setErrorHandler(() => ({ status: 500, body: { error: { message: 'Redis does not answer.' } } }));
  }
}
