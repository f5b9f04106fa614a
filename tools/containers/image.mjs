import { readFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '../local/support/processes.mjs';
import { say, step } from '../local/support/steps.mjs';
import { standInBases } from './stand-in-bases.mjs';

/**
 * Builds both images from the Dockerfile as it is: on the bases it names where their registry answers, else on stand-ins
 * made here, given to it as its build arguments.
 * @param {import('./engine.mjs').Engine} engine @param {string} root
 */
export async function build(engine, root) {
  const bases = await step('Bases', async (note) => {
    const named = basesOf(readFileSync(path.join(root, 'Dockerfile'), 'utf8'));
    const refusal = await pulled(engine, Object.values(named));
    note(refusal ? `stand-ins made here (${refusal})` : 'as the Dockerfile names them');
    return refusal ? { ...(await standInBases(engine, root)), standIn: true } : { ...named, standIn: false };
  });
  const sha = (await run('git', ['rev-parse', 'HEAD'], { cwd: root })).output.trim();
  const facts = {
    NODE_IMAGE: bases.NODE_IMAGE,
    RUNTIME_IMAGE: bases.RUNTIME_IMAGE,
    GIT_SHA: sha,
    CREATED: new Date().toISOString(),
  };
  const args = Object.entries(facts).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  // A stand-in knows the authorities of this machine, because its way to npm's registry is this machine's.
  const trust = bases.standIn ? ['--pull-never', '--volume', '/etc/ssl/certs:/etc/ssl/certs:ro'] : [];
  /** @param {string} target */
  const one = async (target) => {
    const tag = `localhost/purser-${target}:test`;
    // Docker's format: the other one drops the health check.
    await engine.buildah(
      'build',
      '--format',
      'docker',
      '--layers',
      ...trust,
      ...args,
      '--target',
      target,
      '--tag',
      tag,
      root,
    );
    return tag;
  };
  const runtime = await step('Image', () => one('runtime'));
  const sandbox = await step('Image of the sandbox', () => one('sandbox'));
  say(`  … built of ${sha}`);
  return { runtime, sandbox, sha, standIn: bases.standIn };
}

/** @param {string} dockerfile */
function basesOf(dockerfile) {
  const named = (/** @type {string} */ name) => new RegExp(`^ARG ${name}=(\\S+)$`, 'm').exec(dockerfile)?.[1] ?? '';
  return { NODE_IMAGE: named('NODE_IMAGE'), RUNTIME_IMAGE: named('RUNTIME_IMAGE') };
}

/** Why the images cannot be had, or nothing. @param {import('./engine.mjs').Engine} engine @param {string[]} images */
async function pulled({ buildah }, images) {
  try {
    for (const image of images) await buildah('pull', '--quiet', image);
    return undefined;
  } catch {
    return 'no registry answers';
  }
}
