import { Body, Controller, Get, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import type { Principal } from '../../../contracts/roles.js';
import { Forbidden } from '../../../platform/auth/auth.errors.js';
import { CurrentUser } from '../../../platform/auth/current-user.decorator.js';
import { Requires, SensitiveRoute } from '../../../platform/auth/route-access.js';
import { hashOf, IdempotencyKeyReused, RequestInProgress } from '../../../platform/database/idempotency.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { IdParam } from '../../../platform/http/id-param.js';
import { IdempotencyKey } from '../../../platform/http/idempotency-key.decorator.js';
import { pageOf, PageQuery } from '../../../platform/http/page.js';
import { sendReply } from '../../../platform/http/reply.js';
import { InvalidRequest } from '../../../shared/errors.js';
import { PaymentNotFound } from '../payment.errors.js';
import { PaymentsRepository } from '../payments.repository.js';
import { PaymentNotRefundable, RefundExceedsCaptured, RefundRefused } from './refund.errors.js';
import { RefundPage, RefundView, viewRefund } from './refund.view.js';
import { RefundPayment } from './refunds.dto.js';
import { RefundsRepository } from './refunds.repository.js';
import { RefundsService } from './refunds.service.js';

const REFUND = 'POST /v1/payments/:id/refunds';

@ApiTags('refunds')
@ApiBearerAuth()
@SensitiveRoute()
@Controller('payments/:id/refunds')
export class RefundsController {
  constructor(
    private readonly service: RefundsService,
    private readonly refunds: RefundsRepository,
    private readonly payments: PaymentsRepository,
  ) {}

  @Post()
  @Requires('refunds.make')
  @ApiOperation({
    summary: 'Give money back',
    description: 'All that is left, or a part; never more than was captured. One answer per Idempotency-Key.',
  })
  @ApiCreatedResponse({ type: RefundView, description: 'Given back, or `pending`: the bank is at it.' })
  @ApiAcceptedResponse({ type: RefundView, description: 'Not known yet: ask `Location`, or repeat with the same key.' })
  @ApiProblems(Forbidden, InvalidRequest, PaymentNotFound, PaymentNotRefundable, RefundExceedsCaptured, RefundRefused)
  @ApiProblems(IdempotencyKeyReused, RequestInProgress)
  async refund(
    @CurrentUser() user: Principal,
    @IdParam('id') id: string,
    @IdempotencyKey() key: string,
    @Body() command: RefundPayment,
    @Res() response: Response,
  ): Promise<void> {
    const requestHash = hashOf({ endpoint: REFUND, params: { id }, body: command });
    const request = { userId: user.id, endpoint: REFUND, key, requestHash };
    const reply = await this.service.refund(id, request, command);
    if (reply.status === 202) response.location(`/v1/payments/${id}/refunds`);
    sendReply(response, reply);
  }

  @Get()
  @Requires('refunds.read')
  @ApiOperation({ summary: 'List the refunds of a payment, newest first' })
  @ApiOkResponse({ type: RefundPage })
  @ApiProblems(Forbidden, InvalidRequest, PaymentNotFound)
  async list(@IdParam('id') id: string, @Query() { limit, after }: PageQuery): Promise<RefundPage> {
    await this.payments.get(id);
    const page = pageOf(await this.refunds.listOf(id, { limit: limit + 1, after }), limit);
    return { ...page, data: page.data.map(viewRefund) };
  }
}
