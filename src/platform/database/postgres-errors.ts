/** The parts of a node-postgres error we decide by (https://www.postgresql.org/docs/15/protocol-error-fields.html). */
interface PostgresError {
  readonly code?: string;
  readonly constraint?: string;
  readonly message?: string;
}

function driverError(error: unknown): PostgresError {
  if (typeof error !== 'object' || error === null) return {};
  const inner = 'driverError' in error ? error.driverError : error;
  return typeof inner === 'object' && inner !== null ? inner : {};
}

/** SQLSTATE, or the code of a socket error such as ECONNREFUSED. */
export function postgresCode(error: unknown): string | undefined {
  return driverError(error).code;
}

/** Whether the database refused because of exactly this constraint or unique index. */
export function violates(error: unknown, constraint: string): boolean {
  return driverError(error).constraint === constraint;
}

const LOCK_TIMEOUT = '55P03';

export function isLockTimeout(error: unknown): boolean {
  return postgresCode(error) === LOCK_TIMEOUT;
}

const DOWN_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '57014',
  LOCK_TIMEOUT,
  '25P03',
  '25006',
]);
const DOWN_MESSAGES =
  /timeout exceeded when trying to connect|Query read timeout|Connection terminated|connection error|not queryable|client was closed/i;
/** What TypeORM says to a transaction whose connection was cut between two statements: it gave the connection back itself. */
const CUT_MESSAGES = /query runner (was )?already released/i;

/** The database does not answer, is starting, full or stopping: the same statement may succeed soon. */
export function isDatabaseDown(error: unknown): boolean {
  const { code, message } = driverError(error);
  if (code !== undefined && (DOWN_CODES.has(code) || code.startsWith('08'))) return true;
  return message !== undefined && (DOWN_MESSAGES.test(message) || CUT_MESSAGES.test(message));
}
