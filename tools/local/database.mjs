import { randomBytes } from 'node:crypto';
import { readState, updateState } from './stack-file.mjs';

export const APP_ROLE = 'purser_app';
export const MIGRATOR_ROLE = 'purser_migrator';

/** Two runners that create roles or grant rights at once would collide in the catalogue. */
const CATALOGUE_LOCK = 7_226_733;
const DUPLICATE_DATABASE = '42P04';
const RACED_DUPLICATE = '23505';

/** The passwords of the two roles, made once per state folder. @param {string} stateDir */
export function rolePasswords(stateDir) {
  const known = readState(stateDir);
  if (known.appPassword && known.migratorPassword) {
    return { appPassword: known.appPassword, migratorPassword: known.migratorPassword };
  }
  const fresh = { appPassword: randomBytes(24).toString('hex'), migratorPassword: randomBytes(24).toString('hex') };
  updateState(stateDir, fresh);
  return fresh;
}

/**
 * Creates a database owned by the migrator role, which the application role may use but not change, or finds it there.
 * Both roles exist once per server: their passwords are set to those given.
 * @param {{ superuserUrl: string, name: string, template?: string, appPassword: string, migratorPassword: string }} wanted
 * @returns {Promise<{ databaseUrl: string, migratorUrl: string }>}
 */
export async function createDatabase({ superuserUrl, name, template, appPassword, migratorPassword }) {
  await withClient(superuserUrl, async (client) => {
    await alone(client, () => ensureRoles(client, { [APP_ROLE]: appPassword, [MIGRATOR_ROLE]: migratorPassword }));
    await createOnce(client, name, template);
    await alone(client, async () => {
      await client.query(`REVOKE ALL ON DATABASE ${quoted(name)} FROM PUBLIC`);
      await client.query(`GRANT CONNECT ON DATABASE ${quoted(name)} TO ${APP_ROLE}`);
    });
  });
  // A copy brings the schema's rights with it.
  if (!template) await withClient(urlFor(superuserUrl, name), restrictSchema);
  return {
    databaseUrl: urlFor(superuserUrl, name, { user: APP_ROLE, password: appPassword }),
    migratorUrl: urlFor(superuserUrl, name, { user: MIGRATOR_ROLE, password: migratorPassword }),
  };
}

/** Drops a database and cuts whoever is connected to it; one that does not exist is fine. @param {{ superuserUrl: string, name: string }} which */
export async function dropDatabase({ superuserUrl, name }) {
  await withClient(superuserUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`));
}

/** @param {import('pg').Client} client @param {() => Promise<void>} work */
async function alone(client, work) {
  await client.query('SELECT pg_advisory_lock($1)', [CATALOGUE_LOCK]);
  await work();
  await client.query('SELECT pg_advisory_unlock($1)', [CATALOGUE_LOCK]);
}

/** @param {import('pg').Client} client @param {Record<string, string>} passwords */
async function ensureRoles(client, passwords) {
  const { rows } = await client.query('SELECT rolname FROM pg_roles WHERE rolname = ANY($1)', [Object.keys(passwords)]);
  const existing = rows.map(({ rolname }) => rolname);
  for (const [role, password] of Object.entries(passwords)) {
    const verb = existing.includes(role) ? 'ALTER' : 'CREATE';
    await client.query(`${verb} ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
  }
  // Harnesses that drop things first ask the server whose data it serves.
  await client.query(`GRANT pg_read_all_settings TO ${APP_ROLE}`);
}

/** @param {import('pg').Client} client @param {string} name @param {string} [template] */
async function createOnce(client, name, template) {
  // Asked first, because a refusal would be an error in the server's log at every start.
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (rowCount) return;
  const copy = template ? ` TEMPLATE ${quoted(template)}` : '';
  try {
    await client.query(`CREATE DATABASE ${quoted(name)} OWNER ${MIGRATOR_ROLE}${copy}`);
  } catch (error) {
    const code = String(/** @type {{ code?: string }} */ (error).code);
    if (![DUPLICATE_DATABASE, RACED_DUPLICATE].includes(code)) throw error;
  }
}

/** @param {import('pg').Client} client */
async function restrictSchema(client) {
  await client.query(`ALTER SCHEMA public OWNER TO ${MIGRATOR_ROLE}`);
  await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  await client.query(`GRANT USAGE ON SCHEMA public TO ${APP_ROLE}`);
}

/** @template T @param {string} url @param {(client: import('pg').Client) => Promise<T>} work @returns {Promise<T>} */
export async function withClient(url, work) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** @param {string} superuserUrl @param {string} database @param {{ user: string, password: string }} [login] */
function urlFor(superuserUrl, database, login) {
  const url = new URL(superuserUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  if (login) Object.assign(url, { username: login.user, password: login.password });
  return url.toString();
}

/** @param {string} name */
function quoted(name) {
  return `"${name.replaceAll('"', '""')}"`;
}
