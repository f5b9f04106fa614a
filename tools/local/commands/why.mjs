import { readStack } from '../stack-file.mjs';
import { USAGE } from '../support/options.mjs';
import { Failure, say } from '../support/steps.mjs';
import { historyOf } from '../why/history.mjs';
import { pageOf } from '../why/page.mjs';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * Tells what happened to an order, from the database of the running stack or yours with DATABASE_URL. Changes nothing.
 * @param {import('../services.mjs').Context} context @param {string[]} args
 */
export async function why({ stateDir, given }, [id = '', ...more]) {
  if (!ID.test(id) || more.length > 0)
    throw new Failure(`"${[id, ...more].join(' ')}" is no id of an order.`, { details: USAGE });
  const connectionString = given.DATABASE_URL || readStack(stateDir)?.databaseUrl;
  if (!connectionString)
    throw new Failure('There is no database to ask: nothing runs here.', { mend: 'npm start, or export DATABASE_URL' });
  const { default: pg } = await import('pg');
  const timeouts = { connectionTimeoutMillis: CONNECT_TIMEOUT_MS, query_timeout: STATEMENT_TIMEOUT_MS };
  const client = new pg.Client({ connectionString, ...timeouts });
  client.on('error', () => {});
  await connect(client);
  try {
    const history = await historyOf(client, id);
    if (!history) throw new Failure(`There is no order ${id}, and no payment of that id.`);
    say(pageOf(history));
    return 0;
  } finally {
    await client.end();
  }
}

/** @param {import('pg').Client} client */
async function connect(client) {
  try {
    await client.connect();
  } catch (cause) {
    throw new Failure('The database did not answer.', { cause, mend: 'npm start, or another DATABASE_URL' });
  }
}
