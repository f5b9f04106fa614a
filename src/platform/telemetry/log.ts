import { Inject, Injectable, Optional, type LoggerService } from '@nestjs/common';
import { destination, pino, type DestinationStream, type Logger } from 'pino';
import { CONFIG, type Config } from '../config/config.js';
import { clean, cleanText, describeError } from './redaction.js';
import { currentContext } from './request-context.js';

/** Our five levels in pino's own words. */
const PINO_LEVEL = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error', CRITICAL: 'fatal' } as const;
type Level = keyof typeof PINO_LEVEL;

/** Injection token of another place to write to than stdout; only tests provide it. */
export const LOG_DESTINATION = Symbol('LOG_DESTINATION');

/** A system call per request's line is a tenth of a hot request. What tells of trouble is never kept waiting. */
const BATCHED: ReadonlySet<Level> = new Set(['DEBUG', 'INFO']);
const BATCH_BYTES = 4_096;
const BATCH_MAX_MS = 100;

/** Nest tells of every module and every route at every boot. */
const BOOT_CONTEXTS: ReadonlySet<unknown> = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestFactory',
]);

/** A message, or a message with facts. Facts are ids and numbers; an error goes under `error`. */
export type Line = string | Error | ({ readonly message: string } & Readonly<Record<string, unknown>>);

/** One JSON object a line on stdout: level, ISO time, message, request id, user id, and the facts of the line. */
@Injectable()
export class Log implements LoggerService {
  private readonly pino: Logger;
  private readonly isStdout: boolean;

  constructor(@Inject(CONFIG) config: Config, @Optional() @Inject(LOG_DESTINATION) to?: DestinationStream) {
    this.pino = pino(
      {
        level: PINO_LEVEL[config.LOG_LEVEL],
        messageKey: 'message',
        base: { mode: config.APP_MODE, version: config.SERVICE_VERSION, pid: process.pid },
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (_label, value) => ({ level: nameOf(value) }) },
      },
      to ?? stdout(),
    );
    this.isStdout = to === undefined;
  }

  debug(line: Line, context?: unknown): void {
    this.write('DEBUG', line, { context });
  }

  verbose(line: Line, context?: unknown): void {
    this.write('DEBUG', line, { context });
  }

  log(line: Line, context?: unknown): void {
    this.write(BOOT_CONTEXTS.has(context) ? 'DEBUG' : 'INFO', line, { context });
  }

  info(line: Line): void {
    this.write('INFO', line);
  }

  /** The one line per request. Its facts are numbers and words of ours, never a client's: there is nothing to clean. */
  request(facts: Readonly<Record<string, string | number | boolean | undefined>>): void {
    if (this.pino.isLevelEnabled(PINO_LEVEL.INFO)) this.pino[PINO_LEVEL.INFO]({ ...ids(), ...facts }, 'request');
  }

  warn(line: Line, context?: unknown): void {
    this.write('WARNING', line, { context });
  }

  /** Nest passes its own errors as (message, stack, context), and either of the two may be missing. */
  error(line: Line, stackOrContext?: unknown, context?: unknown): void {
    const isStack = typeof stackOrContext === 'string' && stackOrContext.includes('\n');
    this.write('ERROR', line, isStack ? { stack: stackOrContext, context } : { context: context ?? stackOrContext });
  }

  fatal(line: Line, context?: unknown): void {
    this.write('CRITICAL', line, { context });
  }

  critical(line: Line): void {
    this.write('CRITICAL', line);
  }

  private write(level: Level, line: Line, source: { context?: unknown; stack?: string } = {}): void {
    if (!this.pino.isLevelEnabled(PINO_LEVEL[level])) return;
    const { message, facts } = partsOf(line);
    const context = typeof source.context === 'string' ? { context: source.context } : {};
    const stack = source.stack === undefined ? {} : { stack: cleanText(source.stack) };
    this.pino[PINO_LEVEL[level]]({ ...ids(), ...context, ...facts, ...stack }, cleanText(message));
    if (this.isStdout && !BATCHED.has(level)) stdout().flush();
  }
}

let opened: ReturnType<typeof destination> | undefined;

/** One for the process, written at the end of a batch and of the process; kill -9 loses a tenth of a second of good news. */
function stdout(): ReturnType<typeof destination> {
  if (opened) return opened;
  const batched = destination({ dest: 1, sync: true, minLength: BATCH_BYTES, periodicFlush: BATCH_MAX_MS });
  process.once('exit', () => batched.flushSync());
  return (opened = batched);
}

/** Nest's own lines are sometimes errors or plain objects, whatever its types say. */
function partsOf(line: unknown): { message: string; facts: object } {
  if (line instanceof Error) return { message: line.message, facts: { error: describeError(line) } };
  if (typeof line !== 'object' || line === null) return { message: String(line), facts: {} };
  const { message, error, ...facts } = line as { message?: unknown; error?: unknown };
  const described = error === undefined ? {} : { error: describeError(error) };
  return { message: typeof message === 'string' ? message : '', facts: { ...(clean(facts) as object), ...described } };
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
