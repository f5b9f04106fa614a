import { newId } from '../../shared/ids.js';
import type { ProviderCall } from './provider-report.js';

/** Takes {@link evidenceOf}. */
export const RECORD_CALL = `INSERT INTO provider_calls
    (id, owner_id, op, key, outcome, provider_request_id, started_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

/** The row that keeps what a call about a payment or a refund was, and how it ended. */
export function evidenceOf(ownerId: string, { call, status }: { call: ProviderCall; status: string }): unknown[] {
  return [newId(), ownerId, call.op, call.key, status, call.requestId, call.startedAt, call.endedAt];
}
