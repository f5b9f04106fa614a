import type { Act } from '../../contracts/acts.js';
import type { Transaction } from '../../contracts/transaction.js';
import { eventFacts } from '../events/events.js';
import { currentContext } from '../telemetry/request-context.js';

// The act is an event like any other, for ever; what may have to be forgotten lies beside it.
const RECORD = `WITH told AS (SELECT append_event($1::uuid, 'act-' || $1::uuid, 1, NULL, $2, $3, $4, $5) AS told)
  INSERT INTO audit_details (event_id, actor_id, act, subject, ip, device, before, after)
  SELECT $1::uuid, $6, $7, $8, $9, $10, $11, $12 FROM told`;

/** Something that was done to what is not the actor's own. */
export interface PerformedAct {
  readonly act: Act;
  /** What it was done to, named like its stream: `payment-<id>`. */
  readonly subject: string;
  /** The facts that are different now, as they were; nothing that is a secret. */
  readonly before?: object;
  readonly after?: object;
}

const FORGET_PLACES = `UPDATE audit_details SET ip = NULL, device = NULL
  WHERE actor_id = $1 AND (ip IS NOT NULL OR device IS NOT NULL)`;

/** Forgets where somebody was who is erased; what they did stays. */
export async function forgetPlaces(tx: Transaction, actorId: string): Promise<void> {
  await tx.query(FORGET_PLACES, [actorId]);
}

/** Records an act in the transaction that performs it; who, and from where, is what the request says of itself. */
export async function recordAct(tx: Transaction, { act, subject, before, after }: PerformedAct): Promise<void> {
  const { userId, client } = currentContext();
  const { id, name, payload, metadata, subscribers } = eventFacts('act.performed', { act, subject });
  const details = [userId, act, subject, client?.ip, client?.device, before ?? null, after ?? null];
  await tx.query(RECORD, [id, name, payload, metadata, subscribers, ...details]);
}
