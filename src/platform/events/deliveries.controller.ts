import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { SUBSCRIBER_NAMES } from '../../contracts/domain-events.js';
import type { Principal } from '../../contracts/roles.js';
import { InvalidRequest } from '../../shared/errors.js';
import { recordAct } from '../audit/acts.js';
import { Forbidden } from '../auth/auth.errors.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { Requires } from '../auth/route-access.js';
import { Transactions } from '../database/transactions.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { IdParam } from '../http/id-param.js';
import { Log } from '../telemetry/log.js';
import { cursorOf, isSubscriber, keyOf, ListDeliveries } from './deliveries.dto.js';
import { DeliveryNotFound, DeliveryNotParked } from './deliveries.errors.js';
import { ParkedDeliveriesRepository } from './parked-deliveries.repository.js';
import { ParkedDeliveryPage, viewParkedDelivery } from './parked-delivery.view.js';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/deliveries')
export class DeliveriesController {
  constructor(
    private readonly deliveries: ParkedDeliveriesRepository,
    private readonly transactions: Transactions,
    private readonly log: Log,
  ) {}

  @Get()
  @Requires('deliveries.read')
  @ApiOperation({ summary: 'List parked work, newest first', description: 'Nothing of it is tried again by itself.' })
  @ApiOkResponse({ type: ParkedDeliveryPage })
  @ApiProblems(InvalidRequest, Forbidden)
  async list(@Query() { limit, after }: ListDeliveries): Promise<ParkedDeliveryPage> {
    const rows = await this.deliveries.list({
      after: after === undefined ? undefined : keyOf(after),
      limit: limit + 1,
    });
    const data = rows.slice(0, limit);
    const last = rows.length > limit ? data.at(-1) : undefined;
    return { data: data.map(viewParkedDelivery), next: last ? cursorOf(last) : null };
  }

  @Post(':eventId/:subscriber/replay')
  @Requires('deliveries.replay')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Have parked work tried again',
    description: 'It is due at once, with all its attempts. A mail of unknown end is sent once more.',
  })
  @ApiParam({ name: 'subscriber', enum: SUBSCRIBER_NAMES })
  @ApiAcceptedResponse({ description: 'A worker takes it soon.' })
  @ApiProblems(InvalidRequest, Forbidden, DeliveryNotFound, DeliveryNotParked)
  async replay(
    @CurrentUser() { id: actorId }: Principal,
    @IdParam('eventId') eventId: string,
    @Param('subscriber') subscriber: string,
  ): Promise<void> {
    if (!isSubscriber(subscriber)) throw new DeliveryNotFound(eventId, subscriber);
    await this.transactions.run(async (tx) => {
      await this.deliveries.replay(tx, { eventId, subscriber });
      await recordAct(tx, { act: 'deliveries.replay', subject: `event-${eventId}`, after: { subscriber } });
    });
    this.log.info({ message: 'a parked delivery is replayed', eventId, subscriber, actorId });
  }
}
