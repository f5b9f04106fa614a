import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { OrderNotFound } from '../../contracts/order-errors.js';
import { OutOfStock, ProductUnavailable, UnknownProduct } from '../../contracts/product-errors.js';
import { may, type Permission } from '../../contracts/permissions.js';
import type { Principal } from '../../contracts/roles.js';
import { CurrentUser } from '../../platform/auth/current-user.decorator.js';
import { Requires } from '../../platform/auth/route-access.js';
import { IdempotencyKeyReused, RequestInProgress } from '../../platform/database/idempotency.js';
import { ApiProblems } from '../../platform/http/api-problems.decorator.js';
import { IdParam } from '../../platform/http/id-param.js';
import { IdempotencyKey } from '../../platform/http/idempotency-key.decorator.js';
import { jsonPageOf, pageOf, PageQuery } from '../../platform/http/page.js';
import { sendReply } from '../../platform/http/reply.js';
import { InvalidRequest } from '../../shared/errors.js';
import type { JsonText } from '../../shared/json-text.js';
import { OrderCancellationService } from './order-cancellation.service.js';
import { OrderPlacementService } from './order-placement.service.js';
import { PaymentInProgress } from '../../contracts/payment-errors.js';
import { MixedCurrencies, OrderCompleted, OrderTotalTooLarge } from './order.errors.js';
import { OrderPage, OrderView, TimelinePage } from './order.view.js';
import { CancelOrder, ListOrders, PlaceOrder } from './orders.dto.js';
import { OrdersRepository } from './orders.repository.js';

@ApiTags('orders')
@ApiBearerAuth()
@Controller('orders')
export class OrdersController {
  constructor(
    private readonly placement: OrderPlacementService,
    private readonly cancellation: OrderCancellationService,
    private readonly orders: OrdersRepository,
  ) {}

  @Post()
  @Requires('orders.place')
  @ApiOperation({
    summary: 'Place an order',
    description: 'Takes the stock and freezes the prices at once; the payment follows, before `expiresAt`.',
  })
  @ApiCreatedResponse({ type: OrderView, description: 'The order, not yet paid.' })
  @ApiProblems(InvalidRequest, UnknownProduct, ProductUnavailable, OutOfStock, MixedCurrencies, OrderTotalTooLarge)
  @ApiProblems(IdempotencyKeyReused, RequestInProgress)
  async place(
    @CurrentUser() user: Principal,
    @IdempotencyKey() key: string,
    @Body() request: PlaceOrder,
    @Res() response: Response,
  ): Promise<void> {
    sendReply(response, await this.placement.place({ userId: user.id, key, request }));
  }

  @Get()
  @Requires('orders.read', 'orders.read-any')
  @ApiOperation({ summary: 'List orders, newest first', description: 'My own; support and admins see everybody’s.' })
  @ApiOkResponse({ type: OrderPage })
  @ApiProblems(InvalidRequest)
  async list(
    @CurrentUser() user: Principal,
    @Query() { status, after, limit }: ListOrders,
  ): Promise<JsonText<OrderPage>> {
    const search = { userId: ownerFilter(user, 'orders.read-any'), status, after, limit: limit + 1 };
    return jsonPageOf(await this.orders.list(search), limit);
  }

  @Get(':id')
  @Requires('orders.read', 'orders.read-any')
  @ApiOperation({ summary: 'Read an order' })
  @ApiOkResponse({ type: OrderView })
  @ApiProblems(InvalidRequest, OrderNotFound)
  get(@CurrentUser() user: Principal, @IdParam('id') id: string): Promise<JsonText<OrderView>> {
    return this.orders.get(id, ownerFilter(user, 'orders.read-any'));
  }

  @Get(':id/timeline')
  @Requires('orders.read', 'orders.read-any')
  @ApiOperation({ summary: 'Read what happened to an order and its payments, oldest first' })
  @ApiOkResponse({ type: TimelinePage })
  @ApiProblems(InvalidRequest, OrderNotFound)
  async timeline(
    @CurrentUser() user: Principal,
    @IdParam('id') orderId: string,
    @Query() { after, limit }: PageQuery,
  ): Promise<TimelinePage> {
    if (!(await this.orders.isVisible(orderId, ownerFilter(user, 'orders.read-any')))) throw new OrderNotFound(orderId);
    return pageOf(await this.orders.timeline({ orderId, after, limit: limit + 1 }), limit);
  }

  @Post(':id/cancel')
  @Requires('orders.place', 'orders.cancel-any')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Cancel an unpaid order',
    description: 'Gives its stock back. Of an order that is cancelled already it shows what is so.',
  })
  @ApiOkResponse({ type: OrderView })
  @ApiProblems(InvalidRequest, OrderNotFound, PaymentInProgress, OrderCompleted)
  cancel(@CurrentUser() user: Principal, @IdParam('id') id: string, @Body() request: CancelOrder): Promise<OrderView> {
    return this.cancellation.cancel(id, ownerFilter(user, 'orders.cancel-any'), request.reason ?? undefined);
  }
}

/** Whose orders it is about: null, everybody's, for those who may. */
function ownerFilter(user: Principal, everybodys: Permission): string | null {
  return may(user, everybodys) ? null : user.id;
}
