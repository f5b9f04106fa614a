import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Principal } from '../../contracts/roles.js';
import { CurrentUser } from '../../platform/auth/current-user.decorator.js';
import { Requires } from '../../platform/auth/route-access.js';
import { ApiProblems } from '../../platform/http/api-problems.decorator.js';
import { pageOf, PageQuery } from '../../platform/http/page.js';
import { InvalidRequest } from '../../shared/errors.js';
import { NotificationPage, viewNotification } from './notification.view.js';
import { NotificationsRepository } from './notifications.repository.js';

@ApiTags('notifications')
@ApiBearerAuth()
@Controller('notifications')
export class NotificationsController {
  constructor(private readonly notifications: NotificationsRepository) {}

  @Get()
  @Requires('notifications.read')
  @ApiOperation({ summary: 'List what you were told, newest first' })
  @ApiOkResponse({ type: NotificationPage })
  @ApiProblems(InvalidRequest)
  async list(@CurrentUser() user: Principal, @Query() { limit, after }: PageQuery): Promise<NotificationPage> {
    const page = pageOf(await this.notifications.listOf(user.id, { limit: limit + 1, after }), limit);
    return { ...page, data: page.data.map(viewNotification) };
  }
}
