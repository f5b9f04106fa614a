import { Injectable } from '@nestjs/common';
import { ROLES, type Role } from '../../../contracts/roles.js';
import type { Transaction } from '../../../contracts/transaction.js';
import { recordAct } from '../../../platform/audit/acts.js';
import { Forbidden } from '../../../platform/auth/auth.errors.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AccountStandingService } from '../standing/account-standing.service.js';
import { userStream } from '../streams.js';
import { OwnAdminRights } from '../user.errors.js';
import type { User } from '../user.entity.js';
import { UsersAdminRepository } from './users-admin.repository.js';

/** Whom it is done to, and by whom. */
export interface Handling {
  readonly actorId: string;
  readonly userId: string;
}

/**
 * What admins do to accounts. They work on each other one after the other, and never on their own rights: so somebody who
 * may undo it always stays.
 */
@Injectable()
export class UsersAdminService {
  constructor(
    private readonly users: UsersAdminRepository,
    private readonly standing: AccountStandingService,
    private readonly sessions: SessionsService,
    private readonly transactions: Transactions,
    private readonly events: Events,
  ) {}

  /**
   * Shuts an account, which ends its sessions at once, or opens it again. What is so already is left alone.
   * @throws UserNotFound, OwnAdminRights, Forbidden when the actor is no admin any more
   */
  async setActive(handling: Handling, isActive: boolean): Promise<void> {
    const { actorId, userId } = handling;
    if (actorId === userId && !isActive) throw new OwnAdminRights();
    const ended = await this.transactions.run(async (tx) => {
      const user = await this.lock(tx, handling);
      if (user.isActive === isActive) return [];
      const [act, before] = [isActive ? 'users.activate' : 'users.deactivate', { isActive: user.isActive }] as const;
      await recordAct(tx, { act, subject: userStream(userId), before, after: { isActive } });
      if (!isActive) return (await this.standing.deactivate(tx, userId)) ?? [];
      await this.standing.activate(tx, userId);
      return [];
    });
    await this.sessions.forget(ended);
  }

  /**
   * Gives a user exactly these roles. Their sessions end, so that no token or copy tells of the roles of before.
   * @throws UserNotFound, OwnAdminRights, Forbidden when the actor is no admin any more
   */
  async setRoles(handling: Handling, wanted: readonly Role[]): Promise<void> {
    const { actorId, userId } = handling;
    const roles = ROLES.filter((role) => wanted.includes(role));
    if (actorId === userId && !roles.includes('admin')) throw new OwnAdminRights();
    const ended = await this.transactions.run(async (tx) => {
      const user = await this.lock(tx, handling);
      const before = { roles: ROLES.filter((role) => user.roles.includes(role)) };
      if (String(before.roles) === String(roles)) return [];
      const { version } = await this.users.setRoles(tx, userId, roles);
      const payload = { userId };
      await this.events.append(tx, { name: 'user.roles-changed', stream: userStream(userId), version, payload });
      await recordAct(tx, { act: 'users.set-roles', subject: userStream(userId), before, after: { roles } });
      return this.sessions.endAllIn(tx, userId);
    });
    await this.sessions.forget(ended);
  }

  private async lock(tx: Transaction, { actorId, userId }: Handling): Promise<User> {
    if (!(await this.users.lockAdmins(tx)).includes(actorId)) throw new Forbidden();
    return this.users.lock(tx, userId);
  }
}
