import type { StatementCount } from './statement-count.js';

export const PLACING_AND_PAYING = 12;
export const WHOLE_PURCHASE = 40;

/** Unshortened, so that a busy machine does not hand work out twice and have it counted twice. */
export const UNHURRIED = { DELIVERY_REDISPATCH_MS: '30000', DELIVERY_LEASE_MS: '30000' };

/** Frames of a transaction, and what is asked all the time whether anybody buys or not. */
const NOT_COUNTED = [
  /^(BEGIN|START TRANSACTION|COMMIT|ROLLBACK)/i,
  /^UPDATE event_deliveries AS d SET available_at/,
  /^UPDATE payments AS p\s+SET checks/,
  /^UPDATE refunds AS r\s+SET checks/,
  /FROM orders\s+WHERE status = 'pending' AND expires_at <= now\(\) AND \(expires_at, id\)/,
  /^INSERT INTO schedule_runs/,
  /^UPDATE webhook_cursors/,
  /^WITH settled AS/,
  /^INSERT INTO ledger_seals/,
  /FROM ledger_seals ORDER BY number DESC LIMIT 1$/,
  /pg_snapshot_xmin\(pg_current_snapshot\(\)\)/,
  /^SELECT 1\b(?! AS)/,
];

/** The statements the budgets are about, in the order they were sent. */
export function countedStatements({ statements }: Pick<StatementCount, 'statements'>): string[] {
  return statements.map((text) => text.trim()).filter((text) => !NOT_COUNTED.some((frame) => frame.test(text)));
}
