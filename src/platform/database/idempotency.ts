import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../contracts/transaction.js';
import { DomainError, defineError } from '../../shared/errors.js';
import { isLockTimeout, violates } from './postgres-errors.js';
import { rowOf, rowsOf } from './sql.js';
import { prepared } from './statements.js';

/** The same key came with another request: nothing was done, and the first request keeps the key. */
export class IdempotencyKeyReused extends defineError(
  'idempotency-key-reused',
  'unprocessable',
  'The idempotency key belongs to another request',
) {
  constructor() {
    super('This Idempotency-Key was used with another body or path. Send a new key with a new request.');
  }
}

/** The first request with this key is still at work and kept us waiting for longer than a lock may be waited for. */
export class RequestInProgress extends defineError(
  'request-in-progress',
  'conflict',
  'The first request with this key is still running',
) {
  constructor() {
    super('Ask again with the same Idempotency-Key.', { retryAfterSeconds: 1 });
  }
}

/** Rolls the claiming transaction back: somebody made the resource under this key before. Never leaves the server. */
export class KeyTaken extends Error {}

/** One keyed request. `endpoint` is its method and route template, for example `POST /v1/orders/:id/payments`. */
export interface KeyedRequest {
  readonly userId: string;
  readonly endpoint: string;
  readonly key: string;
  /** Made by {@link hashOf}. */
  readonly requestHash: string;
}

/** What is answered under a key. `replayed` tells a stored answer, to be marked `Idempotent-Replayed: true`. */
export interface Reply<Body = unknown> {
  readonly status: number;
  readonly body: Body;
  readonly replayed: boolean;
}

/** What an earlier request with the same key made. `reply` is null until somebody stores its answer. */
export interface EarlierRequest<Body = unknown> {
  readonly resourceId: string;
  readonly reply: Reply<Body> | null;
}

/** Either the work was done now, or the key turned out to be used before. */
export type Attempt<T, Body = unknown> =
  { readonly isFirst: true; readonly result: T } | { readonly isFirst: false; readonly earlier: EarlierRequest<Body> };

interface KeyRow {
  request_hash: string;
  resource_id: string;
  response_status: number | null;
  response_body: unknown;
}

const FIND = prepared(
  'idempotency.find',
  `SELECT request_hash, resource_id, response_status, response_body FROM idempotency_keys
    WHERE user_id = $1 AND endpoint = $2 AND key = $3`,
);

const CLAIM = prepared(
  'idempotency.claim',
  `INSERT INTO idempotency_keys (user_id, endpoint, key, request_hash, resource_id) VALUES ($1, $2, $3, $4, $5)`,
);

const RECORD = `INSERT INTO idempotency_keys
    (user_id, endpoint, key, request_hash, resource_id, response_status, response_body) VALUES ($1, $2, $3, $4, $5, $6, $7)`;

const ANSWER = prepared(
  'idempotency.answer',
  `UPDATE idempotency_keys SET response_status = $2, response_body = $3
    WHERE resource_id = $1 AND response_status IS NULL RETURNING 1 AS stored`,
);

/**
 * Makes a keyed request happen once. The row is inserted in the transaction that makes the resource, so the primary key
 * decides between twins, a crash leaves nothing behind, and a refusal that rolls back frees the key.
 */
@Injectable()
export class Idempotency {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Runs `work`, one transaction that claims the key and makes the resource. When the key was taken, or a rule refused
   * what it had once allowed (the last unit was sold to this very request), the earlier request is the answer.
   * Wrap the claiming transaction only: a refusal thrown later would be answered as a replay of itself.
   * @throws IdempotencyKeyReused, RequestInProgress, and whatever `work` throws under an unused key
   */
  async attempt<T, Body = unknown>(request: KeyedRequest, work: () => Promise<T>): Promise<Attempt<T, Body>> {
    try {
      return { isFirst: true, result: await work() };
    } catch (error) {
      if (!(error instanceof DomainError || error instanceof KeyTaken)) throw error;
      const earlier = await this.find<Body>(request);
      if (earlier) return { isFirst: false, earlier };
      throw error instanceof KeyTaken ? new RequestInProgress() : error;
    }
  }

  /**
   * What was made under this key, or null.
   * @throws IdempotencyKeyReused when it was made by another request
   */
  async find<Body = unknown>(request: KeyedRequest): Promise<EarlierRequest<Body> | null> {
    const { userId, endpoint, key, requestHash } = request;
    const row = await rowOf<KeyRow>(this.dataSource, FIND, [userId, endpoint, key]);
    if (!row) return null;
    if (row.request_hash !== requestHash) throw new IdempotencyKeyReused();
    const { resource_id: resourceId, response_status: status } = row;
    return { resourceId, reply: status === null ? null : { status, body: row.response_body as Body, replayed: true } };
  }

  /**
   * Takes the key for `resourceId`. A twin waits here until this transaction ends.
   * @throws KeyTaken, RequestInProgress
   */
  async claim(tx: Transaction, request: KeyedRequest & { readonly resourceId: string }): Promise<void> {
    const { userId, endpoint, key, requestHash, resourceId } = request;
    try {
      await tx.query(CLAIM, [userId, endpoint, key, requestHash, resourceId]);
    } catch (error) {
      throw refusedClaim(error);
    }
  }

  /**
   * Takes the key and stores its answer in one: for work that ends in the transaction it began in.
   * @throws KeyTaken, RequestInProgress
   */
  async record(
    tx: Transaction,
    request: KeyedRequest & { readonly resourceId: string },
    reply: { status: number; body: unknown },
  ): Promise<void> {
    const { userId, endpoint, key, requestHash, resourceId } = request;
    try {
      const answer = [reply.status, JSON.stringify(reply.body)];
      await tx.query(RECORD, [userId, endpoint, key, requestHash, resourceId, ...answer]);
    } catch (error) {
      throw refusedClaim(error);
    }
  }

  /**
   * Stores the one answer of whatever keys made this resource; false when it was answered before, or without a key.
   * `body` is kept as written, so a replay repeats the first answer byte for byte.
   */
  async answer(tx: Transaction, resourceId: string, reply: { status: number; body: unknown }): Promise<boolean> {
    const stored = await rowsOf(tx, ANSWER, [resourceId, reply.status, JSON.stringify(reply.body)]);
    return stored.length > 0;
  }
}

/** What a failed claim means; for a statement of its own that inserts the key together with the resource. */
export function refusedClaim(error: unknown): unknown {
  if (violates(error, 'idempotency_keys_pkey')) return new KeyTaken();
  return isLockTimeout(error) ? new RequestInProgress() : error;
}

/** SHA-256 over endpoint, path parameters and body; the order of the keys in a JSON object does not matter. */
export function hashOf(request: { endpoint: string; params?: Record<string, string>; body: unknown }): string {
  const { endpoint, params = {}, body } = request;
  return createHash('sha256')
    .update(canonicalJson([endpoint, params, body]))
    .digest('hex');
}

/** JSON with the keys of every object sorted, and what JSON leaves out left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isPlainObject(part) ? sorted(part) : part)) ?? 'null';
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(object: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries);
}
