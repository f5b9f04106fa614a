import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags, IntersectionType } from '@nestjs/swagger';
import { Forbidden } from '../../../platform/auth/auth.errors.js';
import { Requires } from '../../../platform/auth/route-access.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { pageOf, PageQuery } from '../../../platform/http/page.js';
import { periodOf, PeriodQuery } from '../../../platform/http/period.js';
import { InvalidRequest } from '../../../shared/errors.js';
import { isLedgerAccount, LEDGER_ACCOUNTS } from './ledger-book.js';
import { LedgerReadingRepository } from './ledger-reading.repository.js';
import { LedgerAccountNotFound } from './ledger.errors.js';
import { LedgerEntryPage, TrialBalanceView, viewLedgerEntry, viewTrialBalance } from './ledger.view.js';

class ListEntries extends IntersectionType(PageQuery, PeriodQuery) {}

@ApiTags('admin')
@ApiBearerAuth()
@Requires('ledger.read')
@Controller('admin/ledger')
export class LedgerController {
  constructor(private readonly ledger: LedgerReadingRepository) {}

  @Get('trial-balance')
  @ApiOperation({
    summary: 'Balance the books',
    description: 'Counts every entry of the period. Where that takes too long (503), ask for a shorter one.',
  })
  @ApiOkResponse({ type: TrialBalanceView })
  @ApiProblems(InvalidRequest, Forbidden)
  async trialBalance(@Query() period: PeriodQuery): Promise<TrialBalanceView> {
    return viewTrialBalance(await this.ledger.balances(periodOf(period)));
  }

  @Get('accounts/:name/entries')
  @ApiOperation({ summary: 'Read what was booked to an account, newest first' })
  @ApiParam({ name: 'name', enum: LEDGER_ACCOUNTS })
  @ApiOkResponse({ type: LedgerEntryPage })
  @ApiProblems(InvalidRequest, Forbidden, LedgerAccountNotFound)
  async entries(
    @Param('name') name: string,
    @Query() { limit, after, ...period }: ListEntries,
  ): Promise<LedgerEntryPage> {
    if (!isLedgerAccount(name)) throw new LedgerAccountNotFound(name);
    const rows = await this.ledger.entriesOf(name, { ...periodOf(period), after, limit: limit + 1 });
    const page = pageOf(rows, limit);
    return { ...page, data: page.data.map(viewLedgerEntry) };
  }
}
