import pg from 'pg';
import { preparedName } from './statements.js';

const READ_TIMEOUT = 'Query read timeout';

/** A pg client that binds hot statements by name, and cuts its connection when the server stopped answering. */
export class PreparingClient extends pg.Client {}

const plainQuery: (this: pg.Client, ...given: never[]) => unknown = Reflect.get(pg.Client.prototype, 'query');

Object.defineProperty(PreparingClient.prototype, 'query', {
  value: function query(this: PreparingClient, ...given: unknown[]): unknown {
    const [text, values, ...rest] = given;
    const name = typeof text === 'string' ? preparedName(text) : undefined;
    const result: unknown = Reflect.apply(plainQuery, this, name ? [{ name, text, values }, ...rest] : given);
    if (result instanceof Promise) {
      return result.catch((error: unknown) => {
        cutIfSilent(this, error);
        throw error;
      });
    }
    return result;
  },
});

/** After a client-side timeout the statement may still run; nobody may be handed this connection again. */
function cutIfSilent(client: pg.Client, error: unknown): void {
  if (error instanceof Error && error.message === READ_TIMEOUT) client.connection.stream.destroy();
}
