import type { Hold, Listener } from './proxy.js';

const TYPE_AND_LENGTH_BYTES = 5;
const STARTUP_LENGTH_BYTES = 4;

/** What PostgreSQL was asked to run, by everybody who is connected through one proxy. */
export interface StatementCount {
  readonly listener: Listener;
  /** The text of every statement since `restart`, in the order they were sent. */
  readonly statements: readonly string[];
  restart(): void;
}

/**
 * Reads the client's side of PostgreSQL's wire protocol (https://www.postgresql.org/docs/15/protocol-message-formats.html):
 * a simple Query is one statement, and so is every Execute, whose text stands in the Parse its Bind names. It counts
 * what is sent, so nothing runs that it does not see.
 */
export function countStatements(): StatementCount {
  const statements: string[] = [];
  return {
    statements,
    restart: () => void statements.splice(0),
    listener: hearStatements(() => (statement) => void statements.push(statement)),
  };
}

/** Hears every statement of one connection, and may hold it back, or its answer. */
export type StatementListener = () => (statement: string) => Hold | void;

export function hearStatements(listener: StatementListener): Listener {
  return () => listenTo(listener());
}

function listenTo(hear: (statement: string) => Hold | void): (bytes: Buffer) => Hold | void {
  const texts = new Map<string, string>();
  let bound = '';
  let rest: Buffer = Buffer.alloc(0);
  let isStarted = false;
  const read = (type: string, body: Buffer): Hold | void => {
    const [first = '', second = ''] = body.toString('utf8').split('\0', 2);
    if (type === 'P') texts.set(first, second);
    if (type === 'B') bound = second;
    if (type === 'Q') return hear(first);
    if (type === 'E') return hear(texts.get(bound) ?? `unknown statement ${bound}`);
  };
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    let hold: Hold | void = undefined;
    for (;;) {
      const header = isStarted ? TYPE_AND_LENGTH_BYTES : STARTUP_LENGTH_BYTES;
      if (rest.length < header) return hold;
      const end = rest.readInt32BE(header - STARTUP_LENGTH_BYTES) + header - STARTUP_LENGTH_BYTES;
      if (rest.length < end) return hold;
      if (isStarted) hold ??= read(rest.toString('latin1', 0, 1), rest.subarray(header, end));
      isStarted = true;
      rest = rest.subarray(end);
    }
  };
}
