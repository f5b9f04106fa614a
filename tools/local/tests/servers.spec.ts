import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { createDatabase, dropDatabase, rolePasswords } from '../database.mjs';
import { hasPackages, REDIS, unpack, unpacked } from '../debian-package.mjs';
import { startPostgres, wipePostgres } from '../postgres.mjs';
import { ask, findRedis, startRedis, wipeRedis } from '../redis.mjs';

jest.setTimeout(120_000);

/** Where the distribution has no apt there is nothing to unpack, and nothing to prove. */
function whereAptIs(name: string, work: () => Promise<void>): void {
  if (hasPackages()) it(name, work);
}

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'purser servers '));
  fs.chmodSync(folder, 0o755);
});

afterEach(async () => {
  await Promise.all([wipePostgres(folder), wipeRedis(folder)]);
  fs.rmSync(folder, { recursive: true, force: true });
});

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await client.end();
  }
}

describe('PostgreSQL', () => {
  const start = () => startPostgres({ stateDir: folder, firstPort: 56_100 });

  it('is found by a second start, and comes back on its port with its data after a kill', async () => {
    const first = await start();
    await query(first.superuserUrl, 'CREATE TABLE kept AS SELECT 1 AS one');
    const second = await start();
    expect(second).toMatchObject({ pid: first.pid, started: false });
    process.kill(first.pid, 'SIGKILL');
    const third = await start();
    expect(third).toMatchObject({ port: first.port, started: true });
    expect(await query(third.superuserUrl, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  });

  it('lets the application role use rows and change nothing else', async () => {
    const { superuserUrl } = await start();
    const passwords = rolePasswords(folder);
    const template = { superuserUrl, name: 'a template', ...passwords };
    const { migratorUrl } = await createDatabase(template);
    await query(migratorUrl, 'CREATE TABLE things (id int); GRANT SELECT, INSERT ON things TO purser_app');
    const copies = ['copy 1', 'copy 2'].map((name) =>
      createDatabase({ superuserUrl, name, template: template.name, ...passwords }),
    );
    for (const { databaseUrl } of await Promise.all(copies)) {
      await query(databaseUrl, 'INSERT INTO things VALUES (1)');
      await expect(query(databaseUrl, 'CREATE TABLE mine (id int)')).rejects.toMatchObject({ code: '42501' });
      await expect(query(databaseUrl, 'DROP TABLE things')).rejects.toMatchObject({ code: '42501' });
      expect(await query(databaseUrl, 'SHOW data_directory')).toHaveLength(1);
    }
    await dropDatabase({ superuserUrl, name: 'copy 1' });
    await dropDatabase({ superuserUrl, name: 'copy 1' });
  });
});

describe('Redis', () => {
  whereAptIs('is unpacked without root or installation where no place has one', async () => {
    expect(unpacked(REDIS, path.join(folder, 'redis-bin'))).toBeUndefined();
    const found = await findRedis({ projectRoot: folder, places: ['/nowhere'] });
    expect(found).toMatchObject({ source: 'unpacked package', command: expect.stringContaining(folder) });
    expect(await unpack(REDIS, path.join(folder, '.local', 'redis-bin'))).toBeUndefined();
  });

  it('says how to get one where none is found and nothing may be unpacked', async () => {
    const search = findRedis({ projectRoot: folder, places: ['/nowhere'], mayUnpack: false });
    await expect(search).rejects.toMatchObject({
      message: expect.stringContaining('No Redis'),
      mend: expect.any(String),
    });
  });

  it('evicts nothing, is found by a second start, and comes back on its port after a kill', async () => {
    const start = () => startRedis({ stateDir: folder, firstPort: 56_200 });
    const first = await start();
    expect(await ask(first.port, 'CONFIG GET maxmemory-policy')).toContain('noeviction');
    expect(await start()).toMatchObject({ pid: first.pid, started: false });
    process.kill(first.pid, 'SIGKILL');
    expect(await start()).toMatchObject({ port: first.port, started: true });
  });
});
