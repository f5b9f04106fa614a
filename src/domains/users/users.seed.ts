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
export const SEEDED_LOGINS: readonly SeededLogin[] = [
  { id: idOf(1), email: 'admin@purser.test', displayName: 'Purser Admin', roles: ['user', 'admin'] },
  { id: idOf(2), email: 'support@purser.test', displayName: 'Purser Support', roles: ['user', 'support'] },
  { id: idOf(3), email: 'anna@purser.test', displayName: 'Anna Berg', roles: ['user'] },
  { id: idOf(4), email: 'ben@purser.test', displayName: 'Ben Okafor', roles: ['user'] },
];

function idOf(number: number): string {
  return `0190a1b2-0000-7000-8000-${String(number).padStart(12, '0')}`;
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
