import type { Role } from '../../contracts/roles.js';
import type { Transaction } from '../../contracts/transaction.js';
import { rowOf } from '../../platform/database/sql.js';
import { Events } from '../../platform/events/events.js';
import { hashPassword } from './password-hasher.js';
import { userStream } from './streams.js';

interface SeededLogin {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
}

/** The demonstration logins. Their ids are fixed, so that examples can name them. */
export const SEEDED_LOGINS = [
  login(1, 'admin@purser.test', 'Purser Admin', ['user', 'admin']),
  login(2, 'support@purser.test', 'Purser Support', ['user', 'support']),
  login(3, 'anna@purser.test', 'Anna Berg', ['user']),
  login(4, 'ben@purser.test', 'Ben Okafor', ['user']),
] as const;

function login(number: number, email: string, displayName: string, roles: readonly Role[]): SeededLogin {
  return { id: `0190a1b2-0000-7000-8000-${String(number).padStart(12, '0')}`, email, displayName, roles };
}

const SEED = `INSERT INTO users (id, email, password_hash, display_name, roles, email_verified_at)
  VALUES ($1, $2, $3, $4, $5, now()) ON CONFLICT DO NOTHING RETURNING version`;

/** Opens the demonstration logins, verified, with one password. Those that exist are left as they are. */
export async function seedUsers(tx: Transaction, password: string): Promise<void> {
  const events = new Events();
  const passwordHash = await hashPassword(password);
  for (const { id, email, displayName, roles } of SEEDED_LOGINS) {
    const seeded = await rowOf<{ version: number }>(tx, SEED, [id, email, passwordHash, displayName, roles]);
    if (!seeded) continue;
    // Not user.registered: nobody waits for a welcome mail.
    const { version } = seeded;
    await events.append(tx, { name: 'user.verified', stream: userStream(id), version, payload: { userId: id } });
  }
}
