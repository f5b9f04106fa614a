import pg from 'pg';
import { BEGIN, canFrame, COMMIT, type Frame, type PreparedStatement, queryFramed } from './framed-query.js';
import { preparedName } from './statements.js';

const READ_TIMEOUT = 'Query read timeout';
const ENDS: readonly unknown[] = [COMMIT, 'ROLLBACK'];
const NOTHING = { command: '', rows: [], rowCount: null };

type Query<Client extends pg.Client> = (this: Client, ...given: unknown[]) => unknown;

/** Cuts its connection when the server stopped answering: the statement may still run, and nobody may be handed it again. */
export class CuttingClient extends pg.Client {}

/** Also binds hot statements by name, and sends what frames a transaction along with them: a round trip less at either end. */
export class PreparingClient extends CuttingClient {
  private isToBegin = false;
  private isToCommit = false;
  private hasCommitted = false;

  /** With the next statement. */
  begin(): Promise<unknown> {
    this.isToBegin = true;
    return Promise.resolve(NOTHING);
  }

  /** Behind the next statement, if that succeeds. */
  commitWithNext(): void {
    this.isToCommit = true;
  }

  /** False when nothing is open: no statement came, or the last one has committed. */
  hasToEnd(): boolean {
    const isOpen = !this.isToBegin && !this.hasCommitted;
    this.isToBegin = this.isToCommit = this.hasCommitted = false;
    return isOpen;
  }

  /** @throws Error behind the last statement of a transaction */
  takeFrame(): Frame {
    if (this.hasCommitted) throw new Error('a statement behind the last of its transaction');
    const frame = { begins: this.isToBegin, commits: this.isToCommit };
    this.isToBegin = this.isToCommit = false;
    return frame;
  }

  async queryFramed(statement: PreparedStatement, frame: Frame): Promise<pg.QueryResult> {
    const result = await orCut(this, queryFramed(this, statement, frame));
    this.hasCommitted = frame.commits;
    return result;
  }
}

overrideQuery<CuttingClient>(
  CuttingClient,
  (query) =>
    function cutting(...given) {
      const result = Reflect.apply(query, this, given);
      return result instanceof Promise ? orCut(this, result) : result;
    },
);

overrideQuery<PreparingClient>(
  PreparingClient,
  (query) =>
    function preparing(...given) {
      const [text, values = [], ...rest] = given;
      if (typeof text !== 'string') return Reflect.apply(query, this, given);
      if (text === BEGIN) return this.begin();
      if (ENDS.includes(text) && !this.hasToEnd()) return Promise.resolve(NOTHING);
      const name = preparedName(text);
      const ask = () => Reflect.apply(query, this, name ? [{ name, text, values }, ...rest] : given);
      const frame = this.takeFrame();
      if (!frame.begins && !frame.commits) return ask();
      if (name && canFrame(this, name, frame)) {
        return this.queryFramed({ name, text, values: values as unknown[] }, frame);
      }
      // One after the other while the connection does not know them. Whoever runs the transaction sends COMMIT.
      const begin = { name: preparedName(BEGIN), text: BEGIN };
      return frame.begins ? Promise.resolve(Reflect.apply(query, this, [begin])).then(ask) : ask();
    },
);

/** By definition, because a method could not repeat the overloads that pg declares. */
function overrideQuery<Client extends pg.Client>(
  client: { readonly prototype: Client },
  around: (query: Query<Client>) => Query<Client>,
): void {
  const query: Query<Client> = Reflect.get(client.prototype, 'query');
  Object.defineProperty(client.prototype, 'query', { value: around(query) });
}

async function orCut<T>(client: pg.Client, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.message === READ_TIMEOUT) client.connection.stream.destroy();
    throw error;
  }
}
