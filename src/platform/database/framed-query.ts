import pg from 'pg';
import { prepared, preparedName } from './statements.js';

export const BEGIN = prepared('transaction.begin', 'START TRANSACTION');
export const COMMIT = prepared('transaction.commit', 'COMMIT');

/** What goes to PostgreSQL together with a statement. */
export interface Frame {
  /** START TRANSACTION before it. */
  readonly begins: boolean;
  /** COMMIT behind it. */
  readonly commits: boolean;
}

export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** A connection as a query writes to it; node-postgres' own cursors do it in the same way. */
interface Wire {
  readonly parsedStatements: Readonly<Record<string, string>>;
  readonly stream: { cork(): void; uncork(): void };
  bind(portal: object): void;
  execute(portal: object): void;
}

type Results = pg.QueryResult | pg.QueryResult[];

/** Whether this connection has prepared the statement and its frame, so that nothing has to be parsed on the way. */
export function canFrame(client: pg.Client, name: string, { begins, commits }: Frame): boolean {
  const { parsedStatements } = client.connection as unknown as Wire;
  const isPrepared = (statement: string | undefined) => parsedStatements[statement ?? ''] !== undefined;
  return (
    isPrepared(name) && (!begins || isPrepared(preparedName(BEGIN))) && (!commits || isPrepared(preparedName(COMMIT)))
  );
}

/**
 * Runs a prepared statement and its frame in one round trip. No Sync parts them, so each runs only when what is before it
 * did, and a failure leaves what it always leaves: a transaction that waits for its ROLLBACK.
 * https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export function queryFramed(client: pg.Client, statement: PreparedStatement, frame: Frame): Promise<pg.QueryResult> {
  return new Promise((resolve, reject) => {
    const callback = (error: Error | null, results: Results) => {
      // One for each of what ran.
      if (error) reject(error);
      else resolve([results].flat()[frame.begins ? 1 : 0] as pg.QueryResult);
    };
    client.query(new FramedQuery({ ...statement, callback }, frame));
  });
}

class FramedQuery extends pg.Query {
  constructor(
    config: PreparedStatement & { callback: (error: Error | null, results: Results) => void },
    private readonly frame: Frame,
  ) {
    super(config);
  }

  override submit = (connection: pg.Connection): unknown => {
    const wire = connection as unknown as Wire;
    wire.stream.cork();
    try {
      if (this.frame.begins) run(wire, BEGIN);
      return Reflect.apply(submitPlain, this, [this.frame.commits ? committing(wire) : wire]);
    } finally {
      wire.stream.uncork();
    }
  };
}

const submitPlain = Reflect.get(pg.Query.prototype, 'submit');

/** The same connection, which runs COMMIT behind what it executes: a statement that cannot even be written has none. */
function committing(wire: Wire): Wire {
  const execute = (portal: object) => {
    wire.execute(portal);
    run(wire, COMMIT);
  };
  return Object.create(wire, { execute: { value: execute } }) as Wire;
}

function run(wire: Wire, text: string): void {
  wire.bind({ statement: preparedName(text) });
  wire.execute({});
}
