/** What the bench command of the launcher prepares: servers of our own, and a migrated and seeded database in them. */
export interface Setting {
  readonly databaseUrl: string;
  /** The same database, for what the application's role may not do. */
  readonly superuserUrl: string;
  readonly redisUrl: string;
  readonly postgresLog: string;
  /** The Node that runs everything measured here. */
  readonly node: string;
  readonly nodeFlags: readonly string[];
  readonly stateDir: string;
  /** A seeded customer. */
  readonly login: { readonly email: string; readonly password: string };
}

/** How long and how often is measured. Rounds are interleaved, so that a slow minute hits both sides. */
export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

export const FULL: Effort = { rounds: 5, seconds: 8, warmUpSeconds: 4 };
export const QUICK: Effort = { rounds: 3, seconds: 3, warmUpSeconds: 2 };

/** @throws when the bench was not started by its command */
export function readSetting(): Setting {
  return {
    databaseUrl: prepared('BENCH_DATABASE_URL'),
    superuserUrl: prepared('BENCH_SUPERUSER_URL'),
    redisUrl: prepared('BENCH_REDIS_URL'),
    postgresLog: prepared('BENCH_POSTGRES_LOG'),
    node: prepared('BENCH_NODE'),
    nodeFlags: prepared('BENCH_NODE_FLAGS').split(' '),
    stateDir: prepared('BENCH_STATE_DIR'),
    login: { email: prepared('BENCH_LOGIN_EMAIL'), password: prepared('BENCH_LOGIN_PASSWORD') },
  };
}

function prepared(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`npm run bench\``);
  return value;
}
