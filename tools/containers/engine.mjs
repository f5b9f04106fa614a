import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { run, runToEnd } from '../local/support/processes.mjs';
import { Failure } from '../local/support/steps.mjs';

const INSIDE = 'PURSER_CONTAINERS_INSIDE';

/** No systemd, no cgroups to manage, no limits above what a machine without privileges may set, no pull. */
const ENGINE = `[containers]
cgroups = "disabled"
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
init = true
[engine]
events_logger = "file"
cgroup_manager = "cgroupfs"
runtime = "crun"
lock_type = "file"
[network]
network_backend = "netavark"
`;

/**
 * buildah and podman, with a store of our own: nothing of it is in the user's, and nothing of theirs is in ours.
 * @typedef {{ folder: string, buildah: Command, podman: Command }} Engine
 * @typedef {((...args: string[]) => Promise<string>) & { attempt: (...args: string[]) => Promise<{ code: number, output: string }> }} Command
 *   answers what it printed and throws when it fails, or answers both
 */

/**
 * Opens the engine, or runs the whole program again where podman can run, and answers nothing then.
 * @param {string} folder @returns {Promise<Engine | undefined>}
 */
export async function openEngine(folder) {
  for (const program of ['buildah', 'podman', 'crun']) {
    if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error) {
      throw new Failure(`${program} is not installed.`, {
        mend: 'sudo apt-get install -y --no-install-recommends buildah podman crun netavark catatonit mmdebstrap',
      });
    }
  }
  if (needsOwnNamespace()) {
    process.exitCode = await again();
    return undefined;
  }
  fs.mkdirSync(folder, { recursive: true });
  const file = (/** @type {string} */ name, /** @type {string} */ text) => {
    fs.writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const storage = `[storage]\ndriver = "overlay"\ngraphroot = "${folder}/store"\nrunroot = "${folder}/run"\n`;
  const env = {
    ...process.env,
    CONTAINERS_CONF: file('containers.conf', ENGINE),
    CONTAINERS_STORAGE_CONF: file('storage.conf', storage),
    BUILDAH_ISOLATION: 'chroot',
  };
  return { folder, buildah: commandOf('buildah', env), podman: commandOf('podman', env) };
}

/** @param {string} program @param {NodeJS.ProcessEnv} env @returns {Command} */
function commandOf(program, env) {
  const attempt = async (/** @type {string[]} */ ...args) => {
    const { code, output } = await run(program, args, { env });
    return { code, output: output.trim() };
  };
  const command = async (/** @type {string[]} */ ...args) => {
    const { code, output } = await attempt(...args);
    if (code !== 0) throw new Failure(`${program} ${args[0]} failed.`, { details: output.slice(-4_000) });
    return output;
  };
  return Object.assign(command, { attempt });
}

/** A machine with the first version of cgroups, such as a container in a container: podman wants to see the second, or none. */
function needsOwnNamespace() {
  if (process.env[INSIDE] || process.getuid?.() !== 0) return false;
  return !fs.existsSync('/sys/fs/cgroup/cgroup.controllers');
}

function again() {
  const mounts = 'umount -R /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup && exec "$@"';
  const args = ['-m', 'sh', '-c', mounts, 'sh', process.execPath, ...process.argv.slice(1)];
  return runToEnd('unshare', args, { env: { ...process.env, [INSIDE]: '1' } });
}
