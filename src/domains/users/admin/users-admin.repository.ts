import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Role } from '../../../contracts/roles.js';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf, rowsOf } from '../../../platform/database/sql.js';
import { raise } from '../../../shared/errors.js';
import { UserNotFound } from '../user.errors.js';
import { User } from '../user.entity.js';
import type { Changed } from '../users.repository.js';

export interface UserSearch {
  /** The beginning of an address, in lower case. */
  readonly q?: string;
  readonly role?: Role;
  readonly after?: string;
  readonly limit: number;
}

// Whoever had lost the role while this waited for the lock is not among them any more.
const LOCK_ADMINS = `SELECT id FROM users WHERE 'admin' = ANY (roles) AND is_active ORDER BY id FOR UPDATE`;

const SET_ROLES = `UPDATE users SET roles = $2, updated_at = now(), version = version + 1
  WHERE id = $1 RETURNING id, version`;

@Injectable()
export class UsersAdminRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. An erased account is nobody any more. */
  list({ q, role, after, limit }: UserSearch): Promise<User[]> {
    const search = this.dataSource.manager.createQueryBuilder(User, 'u').where('u.erasedAt IS NULL');
    if (q !== undefined) search.andWhere('starts_with(u.email, :q)', { q });
    if (role !== undefined) search.andWhere(':role = ANY (u.roles)', { role });
    if (after !== undefined) search.andWhere('u.id < :after', { after });
    return search.orderBy('u.id', 'DESC').limit(limit).getMany();
  }

  /** @throws UserNotFound */
  async get(id: string): Promise<User> {
    const user = await this.dataSource.manager.findOneBy(User, { id });
    return user && !user.erasedAt ? user : raise(new UserNotFound(id));
  }

  /** @throws UserNotFound */
  async lock(tx: Transaction, id: string): Promise<User> {
    const user = await tx.findOne(User, { where: { id }, lock: { mode: 'pessimistic_write' } });
    return user && !user.erasedAt ? user : raise(new UserNotFound(id));
  }

  /** Holds everybody who is an admin now until `tx` ends, so that of two who remove each other one comes second. */
  async lockAdmins(tx: Transaction): Promise<string[]> {
    return (await rowsOf<{ id: string }>(tx, LOCK_ADMINS)).map(({ id }) => id);
  }

  async setRoles(tx: Transaction, id: string, roles: readonly Role[]): Promise<Changed> {
    return (await rowOf<Changed>(tx, SET_ROLES, [id, roles])) ?? raise(new UserNotFound(id));
  }
}
