import type { Response } from 'express';
import type { Reply } from '../database/idempotency.js';
import { PROBLEM_MEDIA_TYPE } from './problem.js';
import { sendJson } from './replies/send-json.js';

/** Sends what is answered under an idempotency key; a replay says so, and a refusal is a problem document. */
export function sendReply(response: Response, { status, body, replayed }: Reply): void {
  if (replayed) response.setHeader('Idempotent-Replayed', 'true');
  response.statusCode = status;
  sendJson(response, body, status >= 400 ? PROBLEM_MEDIA_TYPE : undefined);
}
