import { Inject, Injectable, type LoggerService } from '@nestjs/common';
import { destination, pino, type Logger } from 'pino';
import { CONFIG, type Config } from '../config/config.js';
import { describeError } from './describe-error.js';
import { currentContext } from './request-context.js';

/** Our five levels on pino's numbers; a line carries the name. */
const LEVELS = { DEBUG: 20, INFO: 30, WARNING: 40, ERROR: 50, CRITICAL: 60 } as const;

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
  private readonly pino: Logger<keyof typeof LEVELS>;

  constructor(@Inject(CONFIG) config: Config) {
    this.pino = pino(
      {
        level: config.LOG_LEVEL,
        customLevels: LEVELS,
        useOnlyCustomLevels: true,
        messageKey: 'message',
        base: { mode: config.APP_MODE, pid: process.pid },
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
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

  private write(level: keyof typeof LEVELS, line: Line, context?: unknown): void {
    const { message, error, ...facts } = typeof line === 'string' ? { message: line } : { error: undefined, ...line };
    const described = error === undefined ? {} : { error: describeError(error) };
    const source = typeof context === 'string' ? { context } : {};
    this.pino[level]({ ...ids(), ...source, ...facts, ...described }, message);
  }
}

function ids(): object {
  const { requestId, userId } = currentContext();
  return { ...(requestId ? { requestId } : {}), ...(userId ? { userId } : {}) };
}
