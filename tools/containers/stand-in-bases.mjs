import fs from 'node:fs';
import path from 'node:path';
import { run } from '../local/support/processes.mjs';
import { Failure } from '../local/support/steps.mjs';

const DEBIAN = 'bookworm';
/** What distroless puts into its image for Node, by the packages of this Debian. */
const RUNTIME_PACKAGES = [
  'base-files',
  'netbase',
  'tzdata',
  'ca-certificates',
  'libc6',
  'libssl3',
  'libgcc-s1',
  'libstdc++6',
  'gcc-12-base',
];
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Two images that stand in for the Dockerfile's bases where no registry can be reached: a Debian with node and npm, and one
 * with node and the libraries it needs, and no shell. Node is the one locked among the packages. Made once, then found.
 * @param {import('./engine.mjs').Engine} engine @param {string} root
 */
export async function standInBases(engine, root) {
  const bases = { NODE_IMAGE: 'localhost/purser-base-node:24', RUNTIME_IMAGE: 'localhost/purser-base-runtime:24' };
  const node = path.join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (!fs.existsSync(node))
    throw new Failure(`There is no Node 24 for ${process.arch} among the packages.`, { mend: 'npm ci' });
  if (!(await exists(engine, bases.NODE_IMAGE))) await makeNode(engine, node, bases.NODE_IMAGE);
  if (!(await exists(engine, bases.RUNTIME_IMAGE))) await makeRuntime(engine, node, bases.RUNTIME_IMAGE);
  return bases;
}

/** @param {import('./engine.mjs').Engine} engine @param {string} image */
async function exists({ buildah }, image) {
  return (await buildah('images', '--quiet', '--filter', `reference=${image}`)) !== '';
}

/** @param {import('./engine.mjs').Engine} engine @param {string} node @param {string} image */
async function makeNode({ buildah, folder }, node, image) {
  const debian = path.join(folder, 'debian.tar');
  await must('mmdebstrap', ['--variant=minbase', '--include=ca-certificates,tzdata', DEBIAN, debian]);
  const npm = path.resolve(process.env.npm_execpath ?? '', '..', '..');
  const container = await buildah('from', 'scratch');
  await buildah('add', '--quiet', container, debian, '/');
  await buildah('copy', '--quiet', '--chmod', '755', container, node, '/usr/local/bin/node');
  await buildah('copy', '--quiet', container, npm, '/usr/local/lib/node_modules/npm');
  await buildah('run', container, '--', 'ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', '/usr/local/bin/npm');
  const env = ['--env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
  await buildah('config', ...env, '--env', `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, container);
  await buildah('commit', '--quiet', '--rm', container, image);
  fs.rmSync(debian);
}

/** @param {import('./engine.mjs').Engine} engine @param {string} node @param {string} image */
async function makeRuntime({ buildah, folder }, node, image) {
  const debs = path.join(folder, 'debs');
  const system = path.join(folder, 'runtime');
  for (const fresh of [debs, system]) {
    fs.rmSync(fresh, { recursive: true, force: true });
    fs.mkdirSync(fresh, { recursive: true });
  }
  await must('apt-get', ['download', ...RUNTIME_PACKAGES], debs);
  for (const deb of fs.readdirSync(debs)) await must('dpkg-deb', ['-x', path.join(debs, deb), system]);
  // Without their tools, which a shell would be needed for.
  for (const tool of ['usr/sbin', 'usr/bin', 'sbin', 'bin'])
    fs.rmSync(path.join(system, tool), { recursive: true, force: true });
  fs.writeFileSync(
    path.join(system, 'etc', 'passwd'),
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  );
  fs.writeFileSync(path.join(system, 'etc', 'group'), 'root:x:0:\nnonroot:x:65532:\n');
  fs.mkdirSync(path.join(system, 'tmp'), { recursive: true });
  fs.chmodSync(path.join(system, 'tmp'), 0o1777);
  const container = await buildah('from', 'scratch');
  await buildah('copy', '--quiet', container, system, '/');
  await buildah('copy', '--quiet', '--chmod', '755', container, node, '/nodejs/bin/node');
  const config = [
    '--env',
    'PATH=/nodejs/bin',
    '--entrypoint',
    '["/nodejs/bin/node"]',
    '--user',
    '65532',
    '--workingdir',
    '/home/nonroot',
  ];
  await buildah('config', ...config, container);
  await buildah('commit', '--quiet', '--rm', container, image);
  for (const used of [debs, system]) fs.rmSync(used, { recursive: true, force: true });
}

/** @param {string} command @param {string[]} args @param {string} [cwd] */
async function must(command, args, cwd) {
  const { code, output } = await run(command, args, { cwd });
  if (code !== 0) throw new Failure(`${command} failed.`, { details: output.trim().split('\n').slice(-8).join('\n') });
}
