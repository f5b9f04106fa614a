import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { createDatabase, rolePasswords } from '../../tools/local/database.mjs';
import { startPostgres, wipePostgres } from '../../tools/local/postgres.mjs';
import { isAlive } from '../../tools/local/support/processes.mjs';
import { openDatabase, type TestDatabase } from './database.js';
import { harness } from './harness.js';
import { Program } from './program.js';
import { environmentOf } from './shop-environment.js';
import { waitUntil } from './wait.js';

const FIRST_PORT = 57_100;
const NAME = 'purser_own';

/**
 * A PostgreSQL that waits for its disk, as in production, with a migrated and seeded database of one story's own: it
 * can be frozen and crash without any other test noticing.
 */
export class OwnPostgres {
  private frozen: readonly number[] = [];

  private constructor(
    private readonly stateDir: string,
    private pid: number,
    readonly database: TestDatabase,
  ) {}

  static async start(): Promise<OwnPostgres> {
    const stateDir = join(harness().stateDir, 'own-postgres');
    await wipePostgres(stateDir);
    mkdirSync(stateDir, { recursive: true });
    const { superuserUrl, pid } = await startPostgres({ stateDir, firstPort: FIRST_PORT });
    const passwords = rolePasswords(stateDir);
    await createDatabase({ superuserUrl, name: NAME, ...passwords });
    const database = openDatabase(NAME, { superuserUrl, ...passwords });
    const own: OwnPostgres = new OwnPostgres(stateDir, pid, { ...database, drop: () => own.stop() });
    await own.fill();
    return own;
  }

  /** Stops every process of the server where it stands: connections stay open and nobody answers. */
  async freeze(): Promise<void> {
    const client = await this.connect();
    process.kill(this.pid, 'SIGSTOP');
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity ORDER BY pid = pg_backend_pid()`,
    );
    this.frozen = [this.pid, ...rows.map(({ pid }) => pid)];
    for (const pid of this.frozen) process.kill(pid, 'SIGSTOP');
    client.connection.stream.destroy();
  }

  thaw(): void {
    for (const pid of this.frozen) process.kill(pid, 'SIGCONT');
    this.frozen = [];
  }

  /** What `pg_ctl stop -m immediate` does: no checkpoint, no goodbye. The log is replayed at the next start. */
  async crash(): Promise<void> {
    process.kill(this.pid, 'SIGQUIT');
    await waitUntil(() => !isAlive(this.pid), { what: 'PostgreSQL to be gone' });
  }

  /** On the port it had. */
  async startAgain(): Promise<void> {
    const { pid } = await startPostgres({ stateDir: this.stateDir, firstPort: FIRST_PORT });
    this.pid = pid;
  }

  /** Cuts everybody off; how many they were. */
  async terminateBackends(): Promise<number> {
    const [row] = await this.database.query<{ cut: number }>(
      `SELECT count(pg_terminate_backend(pid))::integer AS cut FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    return row?.cut ?? 0;
  }

  /** A setting of the whole server, in force at once. */
  async set(name: string, value: string): Promise<void> {
    await this.database.query(`ALTER SYSTEM SET ${name} = ${value}`);
    await this.database.query(`SELECT pg_reload_conf()`);
  }

  private async stop(): Promise<void> {
    this.thaw();
    await this.database.close();
    await wipePostgres(this.stateDir);
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.database.superuserUrl });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  private async fill(): Promise<void> {
    const { databaseUrl, migratorUrl } = this.database;
    const places = { databaseUrl, redisUrl: harness().redisUrl, sandboxPort: 1, webPort: 1 };
    const env = { ...environmentOf(places), DATABASE_MIGRATOR_URL: migratorUrl };
    for (const mode of ['migrate', 'seed']) {
      const logFile = join(harness().stateDir, 'logs', `own-postgres-${mode}.log`);
      await new Program({ name: mode, main: 'src/main.js', env: { ...env, APP_MODE: mode }, logFile }).run();
    }
  }
}
