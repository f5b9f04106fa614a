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
import { OrderNotFound, OrderNotPayable } from '../../contracts/order-errors.js';
import { OrderBook } from '../../contracts/order-book.js';
import { PaymentInProgress } from '../../contracts/payment-errors.js';
import { may } from '../../contracts/permissions.js';
import type { Principal } from '../../contracts/roles.js';
import { CurrentUser } from '../../platform/auth/current-user.decorator.js';
import { Requires, SensitiveRoute } from '../../platform/auth/route-access.js';
import { hashOf, IdempotencyKeyReused, RequestInProgress } from '../../platform/database/idempotency.js';
import { ApiProblems } from '../../platform/http/api-problems.decorator.js';
import { IdParam } from '../../platform/http/id-param.js';
import { IdempotencyKey } from '../../platform/http/idempotency-key.decorator.js';
import { StrictLimit } from '../../platform/http/limits/strict-limits.js';
import { pageOf, PageQuery } from '../../platform/http/page.js';
import { sendReply } from '../../platform/http/reply.js';
import { InvalidRequest } from '../../shared/errors.js';
import { CheckoutService } from './checkout/checkout.service.js';
import { PayOrder } from './checkout/payments.dto.js';
import { CardDeclined, PaymentNotFound, PaymentRefused } from './payment.errors.js';
import { PaymentPage, PaymentView, viewPayment } from './payment.view.js';
import { PaymentsRepository } from './payments.repository.js';

const PAY = 'POST /v1/orders/:id/payments';

@ApiTags('payments')
@ApiBearerAuth()
@SensitiveRoute()
@Controller()
export class PaymentsController {
  constructor(
    private readonly checkout: CheckoutService,
    private readonly payments: PaymentsRepository,
    private readonly orders: OrderBook,
  ) {}

  @Post('orders/:id/payments')
  @Requires('payments.make')
  @StrictLimit('payment')
  @ApiOperation({ summary: 'Pay an order', description: 'At most once per order, and one answer per Idempotency-Key.' })
  @ApiCreatedResponse({ type: PaymentView, description: 'Paid, or waiting for the customer (`nextAction`).' })
  @ApiAcceptedResponse({
    type: PaymentView,
    description: 'Not known yet: ask `Location`, or repeat with the same key.',
  })
  @ApiProblems(InvalidRequest, OrderNotFound, OrderNotPayable, PaymentInProgress, CardDeclined, PaymentRefused)
  @ApiProblems(IdempotencyKeyReused, RequestInProgress)
  async pay(
    @CurrentUser() user: Principal,
    @IdParam('id') orderId: string,
    @IdempotencyKey() key: string,
    @Body() command: PayOrder,
    @Res() response: Response,
  ): Promise<void> {
    const requestHash = hashOf({ endpoint: PAY, params: { id: orderId }, body: command });
    const request = { userId: user.id, endpoint: PAY, key, requestHash };
    const reply = await this.checkout.pay(orderId, request, command);
    if (reply.status === 202) response.location(`/v1/payments/${String(reply.body.id)}`);
    sendReply(response, reply);
  }

  @Get('orders/:id/payments')
  @Requires('payments.read', 'payments.read-any')
  @ApiOperation({ summary: 'List the payments of an order, newest first' })
  @ApiOkResponse({ type: PaymentPage })
  @ApiProblems(InvalidRequest, OrderNotFound)
  async list(
    @CurrentUser() user: Principal,
    @IdParam('id') orderId: string,
    @Query() { limit, after }: PageQuery,
  ): Promise<PaymentPage> {
    const owner = may(user, 'payments.read-any') ? null : user.id;
    if (!(await this.orders.isVisible(orderId, owner))) throw new OrderNotFound(orderId);
    const page = pageOf(await this.payments.listOf(orderId, { limit: limit + 1, after }), limit);
    return { ...page, data: page.data.map(viewPayment) };
  }

  @Get('payments/:id')
  @Requires('payments.read', 'payments.read-any')
  @ApiOperation({ summary: 'Read a payment' })
  @ApiOkResponse({ type: PaymentView })
  @ApiProblems(InvalidRequest, PaymentNotFound)
  async get(@CurrentUser() user: Principal, @IdParam('id') id: string): Promise<PaymentView> {
    const payment = await this.payments.get(id);
    if (payment.userId !== user.id && !may(user, 'payments.read-any')) throw new PaymentNotFound(id);
    return viewPayment(payment);
  }
}
