import type { Verdict } from '../core/faults.js';
import { type Ending, type Incoming, type Reply, header, jsonText } from '../core/http.js';
import { newId } from '../core/random.js';
import type { StoredAnswer } from '../core/records.js';
import type { Unit } from '../core/unit.js';
import type { World } from '../core/world.js';
import { aboutBody, apiKey, authorize, fingerprint, readForm } from './access.js';
import { API_VERSION } from './events.js';
import { expand } from './views/expand.js';
import {
  StripeFailure,
  impossible,
  internalError,
  keyInUse,
  keyReused,
  refusedAtTheDoor,
  unknownAddress,
} from './failures.js';
import { words } from './parameters.js';
import { type Route, findRoute } from './routes.js';

const KEY_CHARACTERS = 255;
/** Stripe may forget a key after this long; here it always does. */
const KEY_LIFE_MS = 24 * 3600 * 1000;

interface Exchange {
  incoming: Incoming;
  route: Route;
  id: string;
  key: string | null;
  requestId: string;
  verdict: Verdict;
}

/** Stripe's front door: who are you, have you asked this before, and what does the sandbox have in mind for you. */
export class StripeGateway {
  private readonly running = new Set<string>();

  constructor(private readonly world: World) {}

  async handle(incoming: Incoming): Promise<Ending> {
    const found = findRoute(incoming.method, incoming.path);
    const requestId = newId('req_', 14);
    if (!found) return this.dressed(unknownAddress(incoming), requestId, null);
    const key = incoming.method === 'POST' ? header(incoming, 'idempotency-key') || null : null;
    const verdict = this.world.faults.draw(found.route.op, key !== null && this.stored(key) !== undefined);
    if (verdict.fault?.effect === 'reset') {
      await this.world.faults.hold(verdict.beforeMs);
      return 'reset';
    }
    const reply = await this.answered({ incoming, ...found, key, requestId, verdict });
    await this.world.faults.hold(verdict.afterMs);
    return verdict.fault?.effect === 'dropReply' ? 'cut' : reply;
  }

  private async answered(exchange: Exchange): Promise<Reply> {
    const { incoming, route, verdict } = exchange;
    const { fault } = verdict;
    try {
      if (fault?.effect === 'status') {
        await this.world.faults.hold(verdict.beforeMs);
        throw refusedAtTheDoor(fault.status);
      }
      authorize(this.world, incoming, route);
      return await this.once(exchange);
    } catch (error) {
      if (!(error instanceof StripeFailure)) throw error;
      this.journalRefusal(exchange);
      const reply = this.dressed(error, exchange.requestId, exchange.key);
      if (error.status === 409) reply.headers = { ...reply.headers, 'stripe-should-retry': 'true' };
      if (fault?.retryAfter != null) reply.headers = { ...reply.headers, 'retry-after': String(fault.retryAfter) };
      return reply;
    }
  }

  /** The first answer under a key is the answer; while it is being made, nobody else may ask. */
  private async once(exchange: Exchange): Promise<Reply> {
    const { key, incoming, verdict, route } = exchange;
    if (key === null) {
      await this.world.faults.hold(verdict.beforeMs);
      return this.execute(exchange);
    }
    if (key.length > KEY_CHARACTERS) {
      throw impossible(`Idempotency keys may be at most ${KEY_CHARACTERS} characters long.`, null);
    }
    if (this.running.has(key)) throw keyInUse(key);
    const stored = this.stored(key);
    if (stored && stored.fingerprint !== fingerprint(incoming)) throw keyReused(key);
    this.running.add(key);
    try {
      await this.world.faults.hold(verdict.beforeMs);
      return stored ? this.replay(stored, exchange.requestId, route) : this.execute(exchange);
    } finally {
      this.running.delete(key);
    }
  }

  private replay(stored: StoredAnswer, requestId: string, route: Route): Reply {
    const unit = this.world.open();
    const { object, metadata } = aboutBody(stored.body);
    unit.note({ object, metadata, outcome: 'replayed' });
    this.world.commit(unit, { op: route.op, idempotencyKey: stored.id });
    const reply = jsonText(stored.status, stored.body);
    reply.headers = {
      ...reply.headers,
      ...this.headers(requestId, stored.id),
      'idempotent-replayed': 'true',
      'original-request': stored.requestId,
      ...(stored.status >= 500 ? { 'stripe-should-retry': 'false' } : {}),
    };
    return reply;
  }

  /** Work, stored answer, events and journal in one append; then the reply. */
  private execute(exchange: Exchange): Reply {
    const { key, requestId, verdict, route, incoming } = exchange;
    const isStored500 = verdict.fault?.effect === 'stored500';
    const isNothingDone = isStored500 && verdict.fault?.before === true;
    const { unit, reply: honest, isExecuted } = isNothingDone ? this.nothing() : this.work(exchange);
    const reply = isStored500
      ? this.dressed(internalError(), requestId, key)
      : this.withHeaders(honest, requestId, key);
    if (key !== null && (isExecuted || isStored500)) {
      const { status, body } = reply;
      unit.put('answers', {
        id: key,
        fingerprint: fingerprint(incoming),
        status,
        body,
        requestId,
        atMs: this.world.clock.nowMs,
      });
    }
    if (unit.notes.length === 0) unit.note({ object: exchange.id === '' ? null : exchange.id });
    this.world.commit(unit, { op: route.op, idempotencyKey: key });
    if (isStored500) reply.headers = { ...reply.headers, 'stripe-should-retry': 'false' };
    return reply;
  }

  private nothing(): Done {
    return { unit: this.world.open(), reply: failed(internalError()), isExecuted: true };
  }

  private work(exchange: Exchange): Done {
    const unit = this.world.open();
    try {
      return this.run(exchange, unit);
    } catch (error) {
      if (!(error instanceof StripeFailure)) throw error;
      const empty = this.world.open();
      empty.note({ object: exchange.id === '' ? null : exchange.id, outcome: 'rejected' });
      return { unit: empty, reply: failed(error), isExecuted: error.isExecuted };
    }
  }

  private run(exchange: Exchange, unit: Unit): Done {
    const { id, requestId, incoming, key } = exchange;
    const form = readForm(incoming);
    const isPublishable = apiKey(incoming).startsWith('pk_');
    const request = { id: requestId, idempotencyKey: key };
    const call = { world: this.world, unit, request, form, id, isPublishable };
    const result = exchange.route.run(call);
    if (result instanceof StripeFailure) return { unit, reply: failed(result), isExecuted: true };
    const view = expand(call, result, words(form, 'expand'));
    return { unit, reply: jsonText(200, JSON.stringify(view)), isExecuted: true };
  }

  private stored(key: string): StoredAnswer | undefined {
    const stored = this.world.store.tables.answers.get(key);
    return stored && stored.atMs + KEY_LIFE_MS > this.world.clock.nowMs ? stored : undefined;
  }

  private journalRefusal({ id, key, route }: Exchange): void {
    const unit = this.world.open();
    unit.note({ object: id === '' ? null : id, outcome: 'rejected' });
    this.world.commit(unit, { op: route.op, idempotencyKey: key });
  }

  private dressed(failure: StripeFailure, requestId: string, key: string | null): Reply {
    return this.withHeaders(failed(failure), requestId, key);
  }

  private withHeaders(reply: Reply, requestId: string, key: string | null): Reply {
    return { ...reply, headers: { ...reply.headers, ...this.headers(requestId, key) } };
  }

  private headers(requestId: string, key: string | null): Record<string, string> {
    return {
      'access-control-allow-origin': '*',
      'request-id': requestId,
      'stripe-version': API_VERSION,
      ...(key === null ? {} : { 'idempotency-key': key }),
    };
  }
}

interface Done {
  unit: Unit;
  reply: Reply;
  isExecuted: boolean;
}

function failed(failure: StripeFailure): Reply {
  return jsonText(failure.status, JSON.stringify({ error: failure.error }));
}
