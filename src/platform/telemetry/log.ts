import { Inject, Injectable, type LoggerService } from '@nestjs/common';
import { destination, pino, type Logger } from 'pino';
import { CONFIG, type Config } from '../config/config.js';
import { describeError } from './describe-error.js';
import { currentContext } from './request-context.js';

/** Our five levels in pino's own words. */
const PINO_LEVEL = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error', CRITICAL: 'fatal' } as const;
type Level = keyof typeof PINO_LEVEL;

const SECRET_KEYS = [
  'authorization',
  'cookie',
  'password',
  'passwordHash',
  'token',
  'accessToken',
  'refreshToken',
  'clientSecret',
  'apiKey',
  'secret',
];

/** A message, or a message with facts. Facts are ids and numbers; an error goes under `error`. */
export type Line = string | ({ readonly message: string } & Readonly<Record<string, unknown>>);

/** One JSON object a line on stdout: level, ISO time, message, request id, user id, and the facts of the line. */
@Injectable()
export class Log implements LoggerService {
  private readonly pino: Logger;

  constructor(@Inject(CONFIG) config: Config) {
    this.pino = pino(
      {
        level: PINO_LEVEL[config.LOG_LEVEL],
        messageKey: 'message',
        base: { mode: config.APP_MODE, pid: process.pid },
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (_label, value) => ({ level: nameOf(value) }) },
        redact: { paths: [...SECRET_KEYS, ...SECRET_KEYS.map((key) => `*.${key}`), '*.headers'], censor: '[redacted]' },
      },
      destination({ dest: 1, sync: true }),
    );
  }

  debug(line: Line, context?: unknown): void {
    this.write('DEBUG', line, context);
  }

  verbose(line: Line, context?: unknown): void {
    this.write('DEBUG', line, context);
  }

  log(line: Line, context?: unknown): void {
    this.write('INFO', line, context);
  }

  info(line: Line): void {
    this.write('INFO', line);
  }

  warn(line: Line, context?: unknown): void {
    this.write('WARNING', line, context);
  }

  /** Nest passes its own errors as (message, stack, context). */
  error(line: Line, stack?: unknown, context?: unknown): void {
    this.write('ERROR', line, context ?? stack);
  }

  fatal(line: Line, context?: unknown): void {
    this.write('CRITICAL', line, context);
  }

  critical(line: Line): void {
    this.write('CRITICAL', line);
  }

  private write(level: Level, line: Line, context?: unknown): void {
    const { message, error, ...facts } = typeof line === 'string' ? { message: line } : { error: undefined, ...line };
    const described = error === undefined ? {} : { error: describeError(error) };
    const source = typeof context === 'string' ? { context } : {};
    this.pino[PINO_LEVEL[level]]({ ...ids(), ...source, ...facts, ...described }, message);
  }
}

/** pino's numbers go up in steps of ten from debug (20). */
function nameOf(value: number): Level {
  const names = Object.keys(PINO_LEVEL) as Level[];
  return names[value / 10 - 2] ?? 'INFO';
}

function ids(): object {
  const { requestId, userId } = currentContext();
  return { ...(requestId ? { requestId } : {}), ...(userId ? { userId } : {}) };
}
