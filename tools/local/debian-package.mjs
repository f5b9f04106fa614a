import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { withLock } from './support/files.mjs';
import { run } from './support/processes.mjs';

/**
 * A server of the distribution: `names` are those of its package and of its program, the first that exists wins.
 * @typedef {{ names: string[], programs: 'usr/bin' | 'usr/sbin' }} Server
 */

/** @type {Server} */
export const REDIS = { names: ['redis-server', 'valkey-server'], programs: 'usr/bin' };
/** @type {Server} */
export const PGBOUNCER = { names: ['pgbouncer'], programs: 'usr/sbin' };

/** Only these can matter to a server; service scripts and user tools are left out. */
const RELEVANT = /^(redis|valkey|lib|lua)/;
const ENVIRONMENT = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };

/** Whether packages can be unpacked here. */
export function hasPackages() {
  return ['apt-get', 'dpkg-deb'].every((command) => !spawnSync(command, ['--version'], { stdio: 'ignore' }).error);
}

/**
 * Where a server unpacked earlier is.
 * @param {Server} server @param {string} folder @returns {{ command: string, env: Record<string, string> } | undefined}
 */
export function unpacked({ names, programs }, folder) {
  const command = names.map((name) => path.join(folder, programs, name)).find((file) => fs.existsSync(file));
  return command ? { command, env: { LD_LIBRARY_PATH: libraryFolders(folder).join(':') } } : undefined;
}

/**
 * Unpacks the distribution's own package of a server into a folder, without root and without installing anything,
 * together with those of its libraries that the system lacks. Says why when it cannot.
 * @param {Server} server @param {string} folder @returns {Promise<string | undefined>} the reason it did not work
 */
export async function unpack(server, folder) {
  return withLock(
    `${folder}.lock`,
    () => {},
    async () => {
      if (unpacked(server, folder)) return undefined;
      const fresh = `${folder}.new`;
      fs.rmSync(fresh, { recursive: true, force: true });
      fs.mkdirSync(path.join(fresh, 'debs'), { recursive: true });
      const reason = (await fetchAndUnpack(server, fresh)) && (await fetchWithOwnLists(server, fresh));
      if (!reason) fs.renameSync(fresh, folder);
      fs.rmSync(fresh, { recursive: true, force: true });
      return reason;
    },
  );
}

/** @param {Server} server @param {string} fresh @param {string[]} [options] */
async function fetchAndUnpack(server, fresh, options = []) {
  const debs = path.join(fresh, 'debs');
  const reasons = [];
  for (const name of server.names) {
    const packages = await missingPackages(name, options);
    const download = await run('apt-get', [...options, 'download', ...packages], { cwd: debs, env: ENVIRONMENT });
    if (download.code === 0) return unpackAll(server, fresh);
    reasons.push(`apt-get download ${name}: ${lastLine(download.output)}`);
  }
  return reasons.join('\n');
}

/** @param {Server} server @param {string} fresh */
async function unpackAll(server, fresh) {
  const debs = path.join(fresh, 'debs');
  for (const deb of fs.readdirSync(debs)) {
    const { code, output } = await run('dpkg-deb', ['-x', path.join(debs, deb), fresh], { env: ENVIRONMENT });
    if (code !== 0) return `dpkg-deb -x ${deb}: ${lastLine(output)}`;
  }
  fs.rmSync(debs, { recursive: true, force: true });
  return unpacked(server, fresh) ? undefined : 'the package holds no server';
}

/** For a machine whose package list is empty or out of date: one of our own, which needs no root. @param {Server} server @param {string} fresh */
async function fetchWithOwnLists(server, fresh) {
  const own = path.join(fresh, 'apt');
  for (const folder of ['lists/partial', 'cache/archives/partial']) {
    fs.mkdirSync(path.join(own, folder), { recursive: true });
  }
  const settings = {
    'Dir::State': own,
    'Dir::State::lists': path.join(own, 'lists'),
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': path.join(own, 'cache'),
    // As root, apt would fetch as a user who may not write into our folder.
    ...(process.getuid?.() === 0 ? { 'APT::Sandbox::User': 'root' } : {}),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const { output } = await run('apt-get', [...options, 'update'], { env: ENVIRONMENT });
  const reason = await fetchAndUnpack(server, fresh, options);
  fs.rmSync(own, { recursive: true, force: true });
  const complaint = output.split('\n').find((line) => /^[EW]: /.test(line));
  return reason && complaint ? `apt-get update: ${complaint}\n${reason}` : reason;
}

/** A package and whatever it needs that is not installed. @param {string} wanted @param {string[]} options */
async function missingPackages(wanted, options) {
  const installed = await installedPackages();
  const found = new Set([wanted]);
  for (const name of found) {
    const { output } = await run('apt-cache', [...options, 'depends', name], { env: ENVIRONMENT });
    for (const [, needed = ''] of output.matchAll(/^[ |]*(?:Pre)?Depends: ([^<\s]+)$/gm)) {
      if (RELEVANT.test(needed) && !installed.has(needed)) found.add(needed);
    }
  }
  return [...found];
}

async function installedPackages() {
  const { output } = await run('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n'], { env: ENVIRONMENT });
  const lines = output.split('\n').filter((line) => line.startsWith('installed '));
  return new Set(lines.map((line) => line.slice('installed '.length)));
}

/** @param {string} folder */
function libraryFolders(folder) {
  return ['usr/lib', 'lib'].flatMap((lib) => {
    const home = path.join(folder, lib);
    if (!fs.existsSync(home)) return [];
    const inner = fs.readdirSync(home, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [home, ...inner.map((entry) => path.join(home, entry.name))];
  });
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}
