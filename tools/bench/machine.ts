import { execFileSync } from 'node:child_process';
import os from 'node:os';
import pg from 'pg';
import type { Setting } from './setting.js';

/** Whatever the numbers depend on; without it they mean nothing to anybody else. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly fsync: string;
  /** Running processes before the bench began: above 1, somebody else was at work. */
  readonly loadBefore: number;
}

export async function machineFacts({ node, superuserUrl }: Setting): Promise<Machine> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string; fsync: string }>(
      `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync`,
    );
    const [processor] = os.cpus();
    return {
      processor: processor?.model.trim() ?? 'unknown',
      cores: os.availableParallelism(),
      memoryGiB: Math.round(os.totalmem() / 2 ** 30),
      system: `${os.type()} ${os.release()}`,
      node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().replace(/^v/, ''),
      postgres: rows[0]?.version ?? 'unknown',
      fsync: rows[0]?.fsync ?? 'unknown',
      loadBefore: Math.round((os.loadavg()[0] ?? 0) * 10) / 10,
    };
  } finally {
    await client.end();
  }
}
