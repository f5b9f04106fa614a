import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { hasPackages, REDIS, unpack, unpacked } from './debian-package.mjs';
import { readState, updateState } from './stack-file.mjs';
import { answers, firstFree } from './support/ports.mjs';
import { run, spawnToFile, terminate, until } from './support/processes.mjs';
import { Failure } from './support/steps.mjs';

const FIRST_PORT = 63_799;
const MAJOR_MIN = 6;
const START_LIMIT_MS = 15_000;
const TRIES_MAX = 5;
const USUAL_PLACES = ['/opt/homebrew/bin', '/usr/local/bin', '/usr/bin', '/usr/sbin', '/snap/bin'];

/**
 * @typedef {{ command: string, env: Record<string, string>, version: string, source: string }} RedisProgram
 * @typedef {{ url: string, port: number, pid: number, version: string, source: string, started: boolean, stop: () => Promise<void> }} Redis
 */

/**
 * Starts the Redis of this state folder, or finds it running. It evicts nothing, because queues live in it.
 * @param {{ stateDir: string, durable?: boolean, projectRoot?: string, firstPort?: number, mayInstall?: boolean }} options
 * @returns {Promise<Redis>}
 */
export async function startRedis(options) {
  const { stateDir, durable = true, projectRoot = process.cwd(), firstPort = FIRST_PORT, mayInstall } = options;
  const folder = path.join(path.resolve(stateDir), 'redis');
  fs.mkdirSync(folder, { recursive: true });
  const running = await runningRedis(stateDir);
  if (running) return running;
  const program = await findRedis({ projectRoot, mayInstall });
  for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
    const port = await firstFree(readState(stateDir).redisPort ?? firstPort);
    updateState(stateDir, { redisPort: port });
    const child = spawnServer({ program, folder, port, durable, stateDir });
    let ended = false;
    child.once('exit', () => (ended = true)).once('error', () => (ended = true));
    await until(async () => ended || (await runningRedis(stateDir)), START_LIMIT_MS);
    const started = await runningRedis(stateDir);
    if (started) return { ...started, source: program.source, started: true };
  }
  throw new Failure('Redis did not start.', {
    log: redisLog(stateDir),
    mend: 'npm run reset   (deletes the local data)',
  });
}

/** The Redis of this state folder when it answers and serves our folder. @param {string} stateDir @returns {Promise<Redis | undefined>} */
export async function runningRedis(stateDir) {
  const { redisPort: port } = readState(stateDir);
  if (!port || !(await answers(port))) return undefined;
  const info = await ask(port, 'INFO server');
  const dir = info && (await ask(port, 'CONFIG GET dir')).split('\r\n').at(-2);
  const folder = path.join(path.resolve(stateDir), 'redis');
  if (!dir || !fs.existsSync(folder) || path.resolve(dir) !== fs.realpathSync(folder)) return undefined;
  const pid = Number(/process_id:(\d+)/.exec(info)?.[1]);
  const version = /(?:valkey|redis)_version:(\S+)/.exec(info)?.[1] ?? '';
  const stop = async () => void (await terminate(pid, { graceMs: 10_000 }));
  return { url: `redis://127.0.0.1:${port}`, port, pid, version, source: 'running', started: false, stop };
}

/** Stops this folder's Redis, if it runs, and deletes its data. @param {string} stateDir */
export async function wipeRedis(stateDir) {
  const running = await runningRedis(stateDir);
  if (running) await terminate(running.pid, { signal: 'SIGKILL' });
  fs.rmSync(path.join(stateDir, 'redis'), { recursive: true, force: true });
}

/**
 * A Redis or Valkey that runs here: the system's, else the distribution's package unpacked into the project, else, when
 * that is allowed, one installed by the system's package manager. With `mayUnpack` off it only looks.
 * @param {{ projectRoot: string, mayInstall?: boolean, mayUnpack?: boolean, places?: string[] }} options
 * @returns {Promise<RedisProgram>}
 */
export async function findRedis({ projectRoot, mayInstall = false, mayUnpack = true, places = usualPlaces() }) {
  /** @type {string[]} */
  const refused = [];
  const folder = path.join(projectRoot, '.local', 'redis-bin');
  const fromPackage = () => probe(unpacked(REDIS, folder), 'unpacked package', refused);
  const present = (await systemRedis(places, refused)) ?? (await fromPackage());
  if (present) return present;
  const canUnpack = hasPackages();
  if (mayUnpack && canUnpack) {
    const reason = await unpack(REDIS, folder);
    const found = reason ? undefined : await fromPackage();
    if (found) return found;
    if (reason) refused.push(reason);
  }
  const manager = MANAGERS.find(({ command }) => commandExists(command));
  if (mayUnpack && manager && (mayInstall || isRootInContainer())) {
    const found = await installed(manager, refused);
    if (found) return found;
  }
  throw new Failure('No Redis or Valkey was found on this machine.', {
    details: refused.join('\n'),
    mend: canUnpack && !mayUnpack ? 'npm start   (unpacks one here, without installing it)' : installHint(manager),
  });
}

/** @param {ReturnType<typeof manager> | undefined} manager */
function installHint(manager) {
  if (!manager) return 'set REDIS_URL to a Redis of yours and run this again';
  return `${manager.line}   (or: npm start -- --install)`;
}

/** @param {ReturnType<typeof manager>} manager @param {string[]} refused */
async function installed(manager, refused) {
  const { code, output } = await manager.install();
  const found = code === 0 ? await systemRedis(usualPlaces(), refused) : undefined;
  if (!found) refused.push(`${manager.line}: ${output.trim().split('\n').at(-1)}`);
  return found;
}

function usualPlaces() {
  return [...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean), ...USUAL_PLACES];
}

/** @param {string[]} folders @param {string[]} refused */
async function systemRedis(folders, refused) {
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of folders) {
      const command = path.join(folder, name);
      const found = fs.existsSync(command) && (await probe({ command, env: {} }, folder, refused));
      if (found) return found;
    }
  }
  return undefined;
}

/** @param {{ command: string, env: Record<string, string> } | undefined} program @param {string} source @param {string[]} refused */
async function probe(program, source, refused) {
  if (!program) return undefined;
  const { code, output } = await run(program.command, ['--version'], { env: { ...process.env, ...program.env } });
  const version = /v=(\d+\.\S+)/.exec(output)?.[1];
  if (code === 0 && version && Number.parseInt(version, 10) >= MAJOR_MIN) return { ...program, version, source };
  refused.push(`${program.command}: ${version ? `version ${version} is too old` : output.trim()}`);
  return undefined;
}

/** @param {{ program: RedisProgram, folder: string, port: number, durable: boolean, stateDir: string }} server */
function spawnServer({ program, folder, port, durable, stateDir }) {
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    'maxmemory-policy': 'noeviction',
    appendonly: 'no',
    save: durable ? '60 1' : '',
  };
  return spawnToFile(
    program.command,
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    {
      cwd: folder,
      env: { ...process.env, ...program.env },
      logFile: redisLog(stateDir),
    },
  );
}

/** One command in Redis' inline form: this also runs before any package is installed. @param {number} port @param {string} command @returns {Promise<string>} */
export function ask(port, command) {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port }, () => socket.write(`${command}\r\nQUIT\r\n`));
    let reply = '';
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('data', (chunk) => (reply += chunk)).on('error', () => {});
    socket.on('close', () => resolve(reply.replace(/\+OK\r\n$/, '')));
  });
}

const MANAGERS = [
  manager('brew', ['install', 'redis']),
  manager('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], ['update']),
  manager('dnf', ['install', '-y', 'redis']),
  manager('apk', ['add', 'redis']),
  manager('pacman', ['-S', '--noconfirm', 'valkey']),
];

/** @param {string} command @param {string[]} args @param {string[]} [first] */
function manager(command, args, first) {
  const sudo = command !== 'brew' && process.getuid?.() !== 0 ? ['sudo'] : [];
  const line = [first, args]
    .filter(Boolean)
    .map((words = []) => [...sudo, command, ...words].join(' '))
    .join(' && ');
  const install = async () => {
    const [program = command, ...prefix] = [...sudo, command];
    if (first) await run(program, [...prefix, ...first]);
    return run(program, [...prefix, ...args]);
  };
  return { command, line, install };
}

function isRootInContainer() {
  if (process.getuid?.() !== 0) return false;
  return (
    process.env.container !== undefined || ['/.dockerenv', '/run/.containerenv'].some((file) => fs.existsSync(file))
  );
}

/** @param {string} command */
function commandExists(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** @param {string} stateDir */
export function redisLog(stateDir) {
  return path.join(stateDir, 'logs', 'redis.log');
}
