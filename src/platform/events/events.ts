import { Injectable } from '@nestjs/common';
import { SUBSCRIBERS, type EventName, type NewEvent, type Subscriber } from '../../contracts/domain-events.js';
import type { Transaction } from '../../contracts/transaction.js';
import { newId } from '../../shared/ids.js';
import { prepared } from '../database/statements.js';
import { currentContext } from '../telemetry/request-context.js';

const APPEND = prepared('events.append', `SELECT append_event($1, $2, $3, $4, $5, $6, $7, $8)`);

/** The facts of an event that no statement can compute: for those that append in the same breath as they change. */
export interface EventFacts {
  readonly id: string;
  readonly name: EventName;
  readonly payload: string;
  readonly metadata: string;
  readonly subscribers: readonly Subscriber[];
}

/** For a statement of its own that calls `append_event(id, stream, version, order, name, payload, metadata, subscribers)`. */
export function eventFacts<N extends EventName>(name: N, payload: NewEvent<N>['payload']): EventFacts {
  const { requestId, userId, apiKeyId } = currentContext();
  return {
    id: newId(),
    name,
    payload: JSON.stringify(payload),
    metadata: JSON.stringify({ requestId, actorId: userId, apiKeyId }),
    subscribers: SUBSCRIBERS[name],
  };
}

@Injectable()
export class Events {
  /**
   * Records `event` beside the change that caused it, with one delivery per subscriber, in one statement.
   * A second event with the same stream and version is refused (events_stream_version_key).
   */
  async append<N extends EventName>(tx: Transaction, event: NewEvent<N>): Promise<void> {
    const { id, name, payload, metadata, subscribers } = eventFacts(event.name, event.payload);
    const { stream, version, orderId = null } = event;
    await tx.query(APPEND, [id, stream, version, orderId, name, payload, metadata, subscribers]);
  }
}
