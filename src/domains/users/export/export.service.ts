import { Inject, Injectable } from '@nestjs/common';
import { PERSONAL_RECORDS, type PersonalRecords, type RecordsByKind } from '../../../contracts/personal-records.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { newId } from '../../../shared/ids.js';
import { MailGrants } from '../registration/mail-grants.js';
import { addressStream } from '../streams.js';

@Injectable()
export class ExportService {
  constructor(
    private readonly grants: MailGrants,
    private readonly transactions: Transactions,
    private readonly events: Events,
    @Inject(PERSONAL_RECORDS) private readonly domains: readonly PersonalRecords[],
  ) {}

  /** Has a link mailed to the owner of the account: whoever took over their device does not get their data. */
  async ask(userId: string): Promise<void> {
    const stream = addressStream(newId());
    await this.transactions.run((tx) =>
      this.events.append(tx, { name: 'user.export-requested', stream, version: 1, payload: { userId } }),
    );
  }

  /**
   * Everything that is known of the account, as it is now: nothing is kept in a file that somebody could find.
   * @throws InvalidMailToken
   */
  async export(token: string): Promise<RecordsByKind> {
    const { userId } = await this.grants.prove(token, 'export-data');
    const records: Record<string, readonly object[]> = {};
    for (const domain of this.domains) Object.assign(records, await domain.recordsOf(userId));
    return records;
  }
}
