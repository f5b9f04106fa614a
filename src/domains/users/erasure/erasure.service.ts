import { Injectable } from '@nestjs/common';
import { PendingOrders } from '../../../contracts/pending-orders.js';
import type { Transaction } from '../../../contracts/transaction.js';
import { forgetPlaces } from '../../../platform/audit/acts.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { NOBODYS_HASH } from '../password-hasher.js';
import { CurrentPasswordService, type Confirmed } from '../passwords/current-password.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { userStream } from '../streams.js';
import { OrdersPending, OwnAdminRights, WrongPassword } from '../user.errors.js';
import type { Credentials } from '../users.repository.js';
import { ErasureRepository } from './erasure.repository.js';

@Injectable()
export class ErasureService {
  constructor(
    private readonly erasures: ErasureRepository,
    private readonly current: CurrentPasswordService,
    private readonly orders: PendingOrders,
    private readonly sessions: SessionsService,
    private readonly transactions: Transactions,
    private readonly events: Events,
  ) {}

  /**
   * Erases what accounts know of a person, at once; every other domain erases its own when it hears `user.erased`.
   * Orders, payments and books stay, as the law of most countries demands, and name an account that is nobody's.
   * @throws WrongPassword, OwnAdminRights, OrdersPending, TooManyRequests, ServiceUnavailable
   */
  async erase(confirmed: Confirmed): Promise<void> {
    const credentials = await this.current.check(confirmed);
    // Another admin takes the role first: so somebody who may undo what admins do always stays.
    if (credentials.roles.includes('admin')) throw new OwnAdminRights();
    const ended = await this.transactions.run((tx) => this.eraseIn(tx, credentials));
    await this.sessions.forget(ended);
  }

  private async eraseIn(tx: Transaction, credentials: Credentials): Promise<string[]> {
    const erased = await this.erasures.erase(tx, credentials, NOBODYS_HASH);
    if (!erased) throw new WrongPassword();
    const { id: userId, version } = erased;
    // Counted with the row locked: an order that is being placed has it locked too, and is seen.
    const pending = await this.orders.countPending(tx, userId);
    if (pending > 0) throw new OrdersPending(pending);
    const ended = await this.sessions.endAllIn(tx, userId);
    await this.erasures.deleteKeys(tx, userId);
    await this.erasures.erasePlaces(tx, userId);
    await forgetPlaces(tx, userId);
    await this.events.append(tx, { name: 'user.erased', stream: userStream(userId), version, payload: { userId } });
    return ended;
  }
}
