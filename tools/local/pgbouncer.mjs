import fs from 'node:fs';
import path from 'node:path';
import { PGBOUNCER, unpack, unpacked } from './debian-package.mjs';
import { canReach, databaseUser, outsideFolder } from './postgres-binaries.mjs';
import { logFile } from './stack-file.mjs';
import { answers, firstFree } from './support/ports.mjs';
import { run, spawnToFile, terminate, until } from './support/processes.mjs';
import { Failure } from './support/steps.mjs';

const FIRST_PORT = 64_329;
const START_LIMIT_MS = 15_000;

/** Small enough that the processes of one shop fight for connections, which is where a pool in transaction mode shows. */
const POOL_SIZE = 5;

/**
 * Starts a PgBouncer of our own in front of a PostgreSQL of ours: transaction mode, five connections per database and role,
 * no startup parameter taken but those it knows.
 * @param {{ stateDir: string, projectRoot: string, postgres: { port: string, data: string }, logins: Record<string, string>, admin: string }} options
 * @returns {Promise<{ url: string, version: string, stop: () => Promise<void> }>}
 */
export async function startPgbouncer({ stateDir, projectRoot, postgres, logins, admin }) {
  const user = databaseUser();
  const { command, env, version } = await findPgbouncer(projectRoot, user);
  const identity = user ? { uid: user.uid, gid: user.gid } : {};
  const port = await firstFree(FIRST_PORT);
  // Beside PostgreSQL's data, because that is where its user comes to.
  const folder = path.join(path.dirname(postgres.data), 'pgbouncer');
  const settings = path.join(folder, 'pgbouncer.ini');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  fs.writeFileSync(path.join(folder, 'users.txt'), usersOf(logins), { mode: 0o600 });
  fs.writeFileSync(settings, settingsOf({ folder, port, server: postgres.port, admin }), { mode: 0o600 });
  if (user)
    for (const file of ['', 'users.txt', 'pgbouncer.ini']) fs.chownSync(path.join(folder, file), user.uid, user.gid);
  const log = logFile(stateDir, 'pgbouncer');
  const child = spawnToFile(command, [settings], {
    cwd: '/',
    env: { ...process.env, ...env },
    logFile: log,
    ...identity,
  });
  let ended = false;
  child.once('exit', () => (ended = true)).once('error', () => (ended = true));
  if (!(await until(async () => ended || (await answers(port)), START_LIMIT_MS)) || ended) {
    throw new Failure('PgBouncer did not start.', { log });
  }
  const stop = async () => {
    await terminate(child.pid, { signal: 'SIGINT', graceMs: 10_000 });
    fs.rmSync(folder, { recursive: true, force: true });
  };
  return { url: `postgres://127.0.0.1:${port}`, version, stop };
}

/**
 * The distribution's PgBouncer, unpacked where its user can reach it.
 * @param {string} projectRoot @param {import('./postgres-binaries.mjs').User | undefined} user
 */
async function findPgbouncer(projectRoot, user) {
  const home = path.join(projectRoot, '.local');
  const folder = path.join(canReach(user, home) ? home : outsideFolder(projectRoot), 'pgbouncer-bin');
  const reason = await unpack(PGBOUNCER, folder);
  const found = unpacked(PGBOUNCER, folder);
  if (!found) throw new Failure('PgBouncer could not be unpacked; it needs apt-get and dpkg-deb.', { details: reason });
  const { output } = await run(found.command, ['--version'], { env: { ...process.env, ...found.env } });
  const version = /PgBouncer (\S+)/.exec(output)?.[1];
  if (!version) throw new Failure('The unpacked PgBouncer does not run here.', { details: output.trim() });
  return { ...found, version };
}

/** @param {Record<string, string>} logins */
function usersOf(logins) {
  return Object.entries(logins)
    .map(([role, password]) => `"${role}" "${password}"\n`)
    .join('');
}

/** @param {{ folder: string, port: number, server: string, admin: string }} facts */
function settingsOf({ folder, port, server, admin }) {
  return `[databases]
* = host=127.0.0.1 port=${server}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${path.join(folder, 'users.txt')}
stats_users = ${admin}
pool_mode = transaction
default_pool_size = ${POOL_SIZE}
max_client_conn = 500
`;
}
