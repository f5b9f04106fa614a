import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { rowOf } from '../commands/test-runners.mjs';
import { productEnvironment } from '../environment.mjs';
import { isInstalled } from '../install.mjs';
import { readStack, writeStack } from '../stack-file.mjs';
import { createSupervisor } from '../supervisor.mjs';
import { lockHolder, tryLock } from '../support/files.mjs';
import { readOptions } from '../support/options.mjs';
import { choosePorts, firstFree, isFree } from '../support/ports.mjs';
import { until } from '../support/processes.mjs';

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'purser launcher '));
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

describe('ports', () => {
  const servers: net.Server[] = [];

  async function busyPort(): Promise<number> {
    const server = net.createServer().listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    return (server.address() as net.AddressInfo).port;
  }

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });

  it('steps over a busy port', async () => {
    const busy = await busyPort();
    expect(await isFree(busy)).toBe(false);
    expect(await firstFree(busy)).toBeGreaterThan(busy);
  });

  it('keeps the remembered port while it is free, and leaves it when it is not', async () => {
    const busy = await busyPort();
    const free = await firstFree(busy + 1);
    const choose = (remembered: number[]) =>
      choosePorts({ from: busy, count: 1, remembered, taken: new Set<number>() });
    expect(await choose([free])).toEqual([free]);
    expect(await choose([busy])).not.toEqual([busy]);
  });

  it('gives two servers two ports', async () => {
    const ports = await choosePorts({ from: await busyPort(), count: 2, taken: new Set<number>() });
    expect(new Set(ports).size).toBe(2);
  });
});

describe('locks', () => {
  const file = () => path.join(folder, 'a.lock');

  it('tells the second who holds it, and lets it in after the release', () => {
    const first = tryLock(file());
    expect(tryLock(file())).toEqual({ holder: process.pid });
    if ('release' in first) first.release();
    expect(tryLock(file())).toHaveProperty('release');
  });

  it.each([
    ['a process that is gone', 999_999_999],
    ['an earlier process under our own number', process.pid],
  ])('is taken over from %s', (_, left) => {
    fs.writeFileSync(file(), String(left));
    expect(lockHolder(file())).toBeUndefined();
    expect(tryLock(file())).toHaveProperty('release');
  });

  it('is taken over from another program under the number of a process that is gone', () => {
    const other = spawn('sleep', ['30']);
    fs.writeFileSync(file(), String(other.pid));
    expect(lockHolder(file())).toBeUndefined();
    other.kill();
  });
});

describe('the stack file', () => {
  const stack = {
    api: 'http://127.0.0.1:3000',
    docs: 'http://127.0.0.1:3000/docs',
    sandbox: 'http://127.0.0.1:4010',
    mailbox: 'http://127.0.0.1:4010/mailbox',
    worker: 'http://127.0.0.1:3100',
    databaseUrl: 'postgres://127.0.0.1/purser',
    redisUrl: 'redis://127.0.0.1:63799',
    logins: [{ role: 'user', email: 'anna@purser.test', password: 'x' }],
    pids: { web: [1], worker: [2], sandbox: 3, postgres: 4, redis: null },
    logs: { web: 'web.log' },
    stripeWebhookSecret: 'whsec_x',
    apis: ['http://127.0.0.1:3000'],
    workers: ['http://127.0.0.1:3100'],
    supervisor: 5,
    migratorUrl: 'postgres://127.0.0.1/purser',
    superuserUrl: null,
  };

  it('is read as it was written, by its owner only, and leaves nothing half done', () => {
    writeStack(folder, stack);
    expect(readStack(folder)).toEqual(stack);
    expect(fs.statSync(path.join(folder, 'stack.json')).mode & 0o077).toBe(0);
    expect(fs.readdirSync(folder)).toEqual(['stack.json']);
  });
});

describe('the environment of the product', () => {
  const facts = {
    databaseUrl: 'postgres://app',
    migratorUrl: 'postgres://migrator',
    redisUrl: 'redis://cache',
    api: 'http://127.0.0.1:3000',
    sandbox: 'http://127.0.0.1:4010',
    secrets: { JWT_SECRET: 'generated' },
  };

  it('points both providers at the sandbox when nothing is exported', () => {
    const env = productEnvironment({ ...facts, given: { STRIPE_SECRET_KEY: '' } });
    expect(env).toMatchObject({
      STRIPE_API_URL: facts.sandbox,
      SENDGRID_API_URL: facts.sandbox,
      JWT_SECRET: 'generated',
    });
  });

  it('switches a real provider on with its key, and only that one', () => {
    const env = productEnvironment({ ...facts, given: { STRIPE_SECRET_KEY: 'sk_test_of_mine' } });
    expect(env.STRIPE_API_URL).toBeUndefined();
    expect(env).toMatchObject({ STRIPE_SECRET_KEY: 'sk_test_of_mine', SENDGRID_API_URL: facts.sandbox });
  });

  it('lets pages use cookies under every name this machine has for a web server, unless told otherwise', () => {
    const origins = ['http://127.0.0.1:3000', 'http://localhost:3000'];
    expect(productEnvironment({ ...facts, origins, given: {} }).BROWSER_ORIGINS).toBe(origins.join());
    const given = { BROWSER_ORIGINS: 'https://shop.example' };
    expect(productEnvironment({ ...facts, origins, given })).toMatchObject(given);
  });

  it('passes on what the user exported, and stays local', () => {
    const given = { JWT_SECRET: 'mine', LOG_LEVEL: 'DEBUG', APP_ENV: 'production', npm_config_x: 'y' };
    const env = productEnvironment({ ...facts, given });
    expect(env).toMatchObject({ JWT_SECRET: 'mine', LOG_LEVEL: 'DEBUG', APP_ENV: 'local' });
    expect(env).not.toHaveProperty('npm_config_x');
  });
});

describe('what is installed', () => {
  const install = (installed: object) => {
    const packages = {
      '': { version: '1' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    };
    fs.writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify({ packages }));
    fs.mkdirSync(path.join(folder, 'node_modules', 'a'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
    return isInstalled(folder);
  };

  it('is complete without the optional packages of other machines', () => {
    expect(install({ 'node_modules/a': { version: '1.0.0' } })).toBe(true);
  });

  it('is not when a version differs from the lock file', () => {
    expect(install({ 'node_modules/a': { version: '0.9.0' } })).toBe(false);
  });

  it('is not when nothing was installed', () => {
    expect(install({})).toBe(false);
  });
});

describe('arguments', () => {
  it('are read with their defaults', () => {
    const { flags, counts } = readOptions(['--detach', '--web=2'], {
      flags: ['detach'],
      counts: { web: 1, workers: 1 },
    });
    expect([flags.has('detach'), counts]).toEqual([true, { web: 2, workers: 1 }]);
  });

  it.each(['--wbe=2', '--web=0', '--web', '--detach=yes', 'start'])('refuses %s', (arg) => {
    expect(() => readOptions([arg], { flags: ['detach'], counts: { web: 1 } })).toThrow(`"${arg}" is not understood`);
  });
});

describe('the row of a test project', () => {
  const results = (counts: object) => ({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numRuntimeErrorTestSuites: 0,
    ...counts,
  });

  it.each([
    { what: 'what ran', counts: { numPassedTests: 3, numPendingTests: 1, numTodoTests: 1 }, failed: 0, skipped: 2 },
    { what: 'a file that cannot be loaded', counts: { numPassedTests: 3, numRuntimeErrorTestSuites: 1 }, failed: 1 },
    { what: 'a run that failed beside its tests', counts: { numPassedTests: 3 }, code: 1, failed: 1 },
    { what: 'a project that ran nothing', counts: {}, failed: 1, problem: 'ran no test' },
  ])('counts $what', ({ what: _, counts, code = 0, ...expected }) => {
    expect(rowOf('unit', results(counts), { code, mayBeEmpty: false })).toMatchObject(expected);
  });

  it('counts a run without results as failed', () => {
    expect(rowOf('unit', undefined, { code: 1, mayBeEmpty: true })).toMatchObject({ failed: 1 });
  });
});

describe('the supervisor', () => {
  it('starts a killed program again on its port within two seconds, and nothing after the stop', async () => {
    const port = await firstFree(41_000);
    const changes: string[] = [];
    const supervisor = createSupervisor({
      onChange: () => void changes.push('pid'),
      report: (text) => void changes.push(text),
    });
    const code = `require('http').createServer((q, r) => r.end()).listen(${port}, '127.0.0.1')`;
    const program = { name: 'web', command: process.execPath, args: ['-e', code], env: {}, cwd: folder };
    await supervisor.start([
      { ...program, logFile: path.join(folder, 'web.log'), healthUrl: `http://127.0.0.1:${port}` },
    ]);
    const first = supervisor.pid('web');
    process.kill(first, 'SIGKILL');
    const second = await until(() => supervisor.pid('web') !== first && supervisor.pid('web'), 2_000);
    expect(second).toBeGreaterThan(0);
    expect(changes).toEqual([expect.stringContaining('web ended (SIGKILL)'), 'pid']);
    await supervisor.stop([['web']]);
    expect(await isFree(port)).toBe(true);
    expect(supervisor.pid('web')).toBe(0);
  });

  it('fails with the log of a program that ends before it is ready', async () => {
    const supervisor = createSupervisor({ onChange: () => undefined, report: () => undefined });
    const logFile = path.join(folder, 'web.log');
    const program = { name: 'web', command: process.execPath, args: ['-e', 'process.exit(3)'], env: {}, cwd: folder };
    const start = supervisor.start([{ ...program, logFile, healthUrl: 'http://127.0.0.1:1' }]);
    await expect(start).rejects.toMatchObject({ message: 'web ended while it started.', log: logFile });
  });
});
