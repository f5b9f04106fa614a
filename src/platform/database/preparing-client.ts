import pg from 'pg';
import { preparedName } from './statements.js';

const READ_TIMEOUT = 'Query read timeout';

type Query = (this: pg.Client, ...given: unknown[]) => unknown;

/** Cuts its connection when the server stopped answering: the statement may still run, and nobody may be handed it again. */
export class CuttingClient extends pg.Client {}

/** Also binds hot statements by name. */
export class PreparingClient extends CuttingClient {}

overrideQuery(
  CuttingClient,
  (query) =>
    function cutting(...given) {
      const result = Reflect.apply(query, this, given);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => {
        cutIfSilent(this, error);
        throw error;
      });
    },
);

overrideQuery(
  PreparingClient,
  (query) =>
    function preparing(...given) {
      const [text, values, ...rest] = given;
      const name = typeof text === 'string' ? preparedName(text) : undefined;
      return Reflect.apply(query, this, name ? [{ name, text, values }, ...rest] : given);
    },
);

/** By definition, because a method could not repeat the overloads that pg declares. */
function overrideQuery(client: typeof pg.Client, around: (query: Query) => Query): void {
  const query: Query = Reflect.get(client.prototype, 'query');
  Object.defineProperty(client.prototype, 'query', { value: around(query) });
}

function cutIfSilent(client: pg.Client, error: unknown): void {
  if (error instanceof Error && error.message === READ_TIMEOUT) client.connection.stream.destroy();
}
