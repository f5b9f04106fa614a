/** As hardened as docker-compose.yml has it. The host's network, because the servers it talks to are on its loopback. */
const CONFINED = [
  '--pull=never',
  '--init',
  '--network=host',
  '--read-only',
  '--tmpfs=/tmp',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
];

/** One container of one run. Its name carries our number, so that two runs do not meet. */
export class Container {
  /** @param {import('./engine.mjs').Engine} engine @param {{ name: string, image: string, env: Record<string, string | undefined> }} spec */
  constructor({ podman }, { name, image, env }) {
    this.podman = podman;
    this.name = name;
    this.id = `purser-${process.pid}-${name}`;
    const variables = Object.entries(env).flatMap(([key, value]) => (value ? ['--env', `${key}=${value}`] : []));
    const data = name === 'sandbox' ? ['--tmpfs=/data'] : [];
    this.args = [...CONFINED, ...data, '--name', this.id, ...variables, image];
  }

  /** Runs it to its end. */
  async task() {
    return this.attempt('run', '--no-healthcheck', ...this.args);
  }

  async start() {
    await this.podman('run', '--detach', ...this.args);
  }

  /** By the check the image brings, run inside. */
  async isHealthy() {
    return (await this.attempt('healthcheck', 'run', this.id)).code === 0;
  }

  /** Runs node inside; there is nothing else to run. @param {string[]} args @param {Record<string, string>} [env] */
  async node(args, env = {}) {
    const variables = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
    return this.attempt('exec', ...variables, this.id, '/nodejs/bin/node', ...args);
  }

  /** SIGTERM, and SIGKILL after the grace: then the exit code is 137. @param {number} graceS */
  async stop(graceS) {
    const began = Date.now();
    await this.podman('stop', '--time', String(graceS), this.id);
    const exitCode = Number(await this.podman('inspect', '--format', '{{.State.ExitCode}}', this.id));
    return { exitCode, seconds: (Date.now() - began) / 1_000 };
  }

  async lastLines() {
    return (await this.attempt('logs', '--tail', '5', this.id)).output;
  }

  async remove() {
    await this.attempt('rm', '--force', '--time', '0', this.id);
  }

  /** @param {string[]} args @returns {Promise<{ code: number, output: string }>} */
  async attempt(...args) {
    return this.podman.attempt(...args);
  }
}
