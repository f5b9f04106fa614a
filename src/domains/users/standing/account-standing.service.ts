import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { Events } from '../../../platform/events/events.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { userStream } from '../streams.js';
import { AccountStandingRepository } from './account-standing.repository.js';

/** Shuts an account and opens it again. Nothing of it is deleted; orders and payments go on. */
@Injectable()
export class AccountStandingService {
  constructor(
    private readonly standings: AccountStandingRepository,
    private readonly sessions: SessionsService,
    private readonly events: Events,
  ) {}

  /**
   * Nobody logs in with this account any more, and all its sessions end with the transaction. Null when it was shut
   * before; else the ended sessions, for {@link SessionsService.forget} after the commit.
   */
  async deactivate(tx: Transaction, userId: string): Promise<string[] | null> {
    const shut = await this.standings.setActive(tx, userId, false);
    if (!shut) return null;
    const { version } = shut;
    const payload = { userId };
    await this.events.append(tx, { name: 'user.deactivated', stream: userStream(userId), version, payload });
    return this.sessions.endAllIn(tx, userId);
  }

  /** False when it was open already. Its owner logs in anew; what was mailed before stays void. */
  async activate(tx: Transaction, userId: string): Promise<boolean> {
    const opened = await this.standings.setActive(tx, userId, true);
    if (!opened) return false;
    const { version } = opened;
    const payload = { userId };
    await this.events.append(tx, { name: 'user.activated', stream: userStream(userId), version, payload });
    return true;
  }
}
