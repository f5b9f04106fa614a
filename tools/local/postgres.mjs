import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { canReach, databaseUser, findPostgres, outsideFolder } from './postgres-binaries.mjs';
import { answers, firstFree } from './support/ports.mjs';
import { isAlive, pause, run, spawnToFile, terminate, until } from './support/processes.mjs';
import { Failure } from './support/steps.mjs';
import { readState, updateState } from './stack-file.mjs';

const FIRST_PORT = 54_329;
const SUPERUSER = 'purser_superuser';
const START_LIMIT_MS = 30_000;
const RETRY_LIMIT_MS = 5_000;

/** Nothing listens outside this machine or on a socket path (too long on some systems); /dev/shm may be tiny in a container. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  dynamic_shared_memory_type: 'mmap',
  max_connections: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** For throw-away data: a crash of the machine may lose it, and nothing waits for the disk. */
const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * @typedef {{ host: string, port: number, superuserUrl: string, pid: number, version: string, source: string, data: string,
 *   started: boolean, stop: () => Promise<void> }} Postgres
 */

/**
 * Starts the PostgreSQL whose data is in this state folder, or finds it running. Data, password and port are kept there.
 * @param {{ stateDir: string, durable?: boolean, projectRoot?: string, firstPort?: number }} options
 * @returns {Promise<Postgres>}
 */
export async function startPostgres({ stateDir, durable = true, projectRoot = process.cwd(), firstPort = FIRST_PORT }) {
  fs.mkdirSync(stateDir, { recursive: true });
  const running = await runningPostgres(stateDir);
  if (running) return running;
  const user = databaseUser();
  const binaries = await findPostgres({ projectRoot, user });
  const data = dataFolder(stateDir, user);
  if (!fs.existsSync(path.join(data, 'PG_VERSION'))) await initialise({ binaries, data, user, stateDir, durable });
  refuseOtherMajor(data, binaries);
  const server = { stateDir, data, user, binaries, settings: { ...SETTINGS, ...(durable ? {} : NOT_DURABLE) } };
  await launch(server, firstPort);
  const started = await runningPostgres(stateDir);
  if (!started) throw notStarted(stateDir);
  return { ...started, source: binaries.source, started: true };
}

/** The server of this state folder when it answers a query; a pid file alone proves nothing. @param {string} stateDir @returns {Promise<Postgres | undefined>} */
export async function runningPostgres(stateDir) {
  const { postgresPort: port, superuserPassword } = readState(stateDir);
  const data = existingData(stateDir);
  if (!port || !superuserPassword || !data || !(await answers(port))) return undefined;
  const superuserUrl = `postgres://${SUPERUSER}:${superuserPassword}@127.0.0.1:${port}/postgres`;
  const facts = await whoAnswers(superuserUrl);
  if (!facts || path.resolve(facts.data) !== fs.realpathSync(data)) return undefined;
  const pid = postmasterPid(data);
  const stop = () => stopPostgres(pid, data);
  return {
    host: '127.0.0.1',
    port,
    superuserUrl,
    pid,
    version: facts.version,
    source: 'running',
    data,
    started: false,
    stop,
  };
}

/** Stops this folder's server, if any runs, and deletes its data. @param {string} stateDir */
export async function wipePostgres(stateDir) {
  const data = existingData(stateDir);
  if (!data) return;
  await stopPostgres(postmasterPid(data), data);
  fs.rmSync(data, { recursive: true, force: true });
}

/** @param {number} pid @param {string} data */
async function stopPostgres(pid, data) {
  if (postmasterPid(data) !== pid) return;
  // SIGINT is the fast shutdown: sessions are cut, nothing is lost.
  await terminate(pid, { signal: 'SIGINT', graceMs: 10_000 });
  await until(() => !fs.existsSync(path.join(data, 'postmaster.pid')), 1_000);
}

/** @param {string} stateDir @param {import('./postgres-binaries.mjs').User | undefined} user */
function dataFolder(stateDir, user) {
  return existingData(stateDir) ?? path.join(canReach(user, stateDir) ? stateDir : outsideFolder(stateDir), 'postgres');
}

/** @param {string} stateDir */
function existingData(stateDir) {
  const { postgresData } = readState(stateDir);
  return postgresData && fs.existsSync(postgresData) ? postgresData : undefined;
}

/**
 * @param {{ binaries: import('./postgres-binaries.mjs').Binaries, data: string, user?: import('./postgres-binaries.mjs').User,
 *   stateDir: string, durable: boolean }} cluster
 */
async function initialise({ binaries, data, user, stateDir, durable }) {
  // Made beside its place and moved there whole, so that an interrupted initdb leaves nothing that looks finished.
  const fresh = `${data}.new`;
  const passwordFile = `${data}.password`;
  const superuserPassword = randomBytes(24).toString('hex');
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh, { mode: 0o700 });
  fs.writeFileSync(passwordFile, superuserPassword, { mode: 0o600 });
  if (user) for (const file of [fresh, passwordFile]) fs.chownSync(file, user.uid, user.gid);
  const args = [
    '-D',
    fresh,
    '-U',
    SUPERUSER,
    '--pwfile',
    passwordFile,
    '--auth=scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C',
  ];
  const identity = user ? { uid: user.uid, gid: user.gid } : {};
  const initdb = path.join(binaries.bin, 'initdb');
  const { code, output } = await run(initdb, [...args, ...(durable ? [] : ['--no-sync'])], { cwd: '/', ...identity });
  fs.rmSync(passwordFile, { force: true });
  if (code !== 0) throw notInitialised(output);
  updateState(stateDir, { superuserPassword, postgresData: data });
  fs.renameSync(fresh, data);
}

/**
 * Starts the server on the remembered port or the next free one. For five seconds after a killed server its children
 * still hold the data folder, so a refusal is tried again that long.
 * @param {{ stateDir: string, data: string, user?: import('./postgres-binaries.mjs').User,
 *   binaries: import('./postgres-binaries.mjs').Binaries, settings: Record<string, string> }} server
 * @param {number} firstPort
 */
async function launch(server, firstPort) {
  const end = Date.now() + RETRY_LIMIT_MS;
  for (;;) {
    const port = await firstFree(readState(server.stateDir).postgresPort ?? firstPort);
    updateState(server.stateDir, { postgresPort: port });
    removeStalePid(server.data);
    if (await comesUp(spawnServer(server, port), server.stateDir)) return;
    if (Date.now() > end) throw notStarted(server.stateDir);
    await pause(250);
  }
}

/** @param {{ stateDir: string, data: string, user?: import('./postgres-binaries.mjs').User, binaries: import('./postgres-binaries.mjs').Binaries, settings: Record<string, string> }} server @param {number} port */
function spawnServer({ stateDir, data, user, binaries, settings }, port) {
  const all = { ...settings, port: String(port) };
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const identity = user ? { uid: user.uid, gid: user.gid } : {};
  return spawnToFile(path.join(binaries.bin, 'postgres'), ['-D', data, ...options], {
    cwd: '/',
    logFile: postgresLog(stateDir),
    ...identity,
  });
}

/** @param {import('node:child_process').ChildProcess} child @param {string} stateDir */
async function comesUp(child, stateDir) {
  let ended = false;
  child.once('exit', () => (ended = true)).once('error', () => (ended = true));
  await until(async () => ended || (await runningPostgres(stateDir)), START_LIMIT_MS, 30);
  return !ended;
}

/** PostgreSQL takes a zombie, or a number that came back, for a running server. @param {string} data */
function removeStalePid(data) {
  if (!isAlive(postmasterPid(data))) fs.rmSync(path.join(data, 'postmaster.pid'), { force: true });
}

/** @param {string} data */
function postmasterPid(data) {
  const file = path.join(data, 'postmaster.pid');
  return fs.existsSync(file) ? Number.parseInt(fs.readFileSync(file, 'utf8'), 10) : 0;
}

/** @param {string} superuserUrl */
async function whoAnswers(superuserUrl) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: superuserUrl, connectionTimeoutMillis: 3_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query(
      `SELECT current_setting('data_directory') AS data, current_setting('server_version') AS version`,
    );
    return /** @type {{ data: string, version: string }} */ (rows[0]);
  } catch {
    return undefined; // starting up, or somebody else's server that does not know us
  } finally {
    await client.end().catch(() => {});
  }
}

/** @param {string} data @param {import('./postgres-binaries.mjs').Binaries} binaries */
function refuseOtherMajor(data, { version }) {
  const written = fs.readFileSync(path.join(data, 'PG_VERSION'), 'utf8').trim();
  if (Number.parseInt(version, 10) === Number.parseInt(written, 10)) return;
  throw new Failure(`The data in ${data} was written by PostgreSQL ${written}, and this is ${version}.`, {
    mend: 'npm run reset   (deletes the local data)',
  });
}

/** @param {string} stateDir */
export function postgresLog(stateDir) {
  return path.join(stateDir, 'logs', 'postgres.log');
}

/** @param {string} output */
function notInitialised(output) {
  const nameless = output.includes('could not look up effective user ID');
  return new Failure('PostgreSQL could not lay out its data folder.', {
    details: output,
    mend: nameless
      ? 'give this user a name in /etc/passwd, or set DATABASE_URL to a PostgreSQL of yours'
      : 'npm run doctor',
  });
}

/** @param {string} stateDir */
function notStarted(stateDir) {
  return new Failure('PostgreSQL did not start.', {
    log: postgresLog(stateDir),
    mend: 'npm run reset   (deletes the local data)',
  });
}
