import { Body, Controller, Get, Patch, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Principal } from '../../../contracts/roles.js';
import { Forbidden } from '../../../platform/auth/auth.errors.js';
import { CurrentUser } from '../../../platform/auth/current-user.decorator.js';
import { Requires } from '../../../platform/auth/route-access.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { IdParam } from '../../../platform/http/id-param.js';
import { pageOf } from '../../../platform/http/page.js';
import { InvalidRequest } from '../../../shared/errors.js';
import { OwnAdminRights, UserNotFound } from '../user.errors.js';
import { ManagedUserPage, ManagedUserView, viewManagedUser } from './managed-user.view.js';
import { ChangeUser, ListUsers, SetRoles } from './users-admin.dto.js';
import { UsersAdminRepository } from './users-admin.repository.js';
import { UsersAdminService } from './users-admin.service.js';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/users')
export class UsersAdminController {
  constructor(
    private readonly users: UsersAdminRepository,
    private readonly service: UsersAdminService,
  ) {}

  @Get()
  @Requires('users.read')
  @ApiOperation({ summary: 'List accounts, newest first' })
  @ApiOkResponse({ type: ManagedUserPage })
  @ApiProblems(InvalidRequest, Forbidden)
  async list(@Query() query: ListUsers): Promise<ManagedUserPage> {
    const page = pageOf(await this.users.list({ ...query, limit: query.limit + 1 }), query.limit);
    return { ...page, data: page.data.map(viewManagedUser) };
  }

  @Get(':id')
  @Requires('users.read')
  @ApiOperation({ summary: 'Read an account' })
  @ApiOkResponse({ type: ManagedUserView })
  @ApiProblems(InvalidRequest, Forbidden, UserNotFound)
  async get(@IdParam('id') id: string): Promise<ManagedUserView> {
    return viewManagedUser(await this.users.get(id));
  }

  @Patch(':id')
  @Requires('users.change')
  @ApiOperation({
    summary: 'Shut an account, or open it again',
    description: 'Shutting ends its sessions at once. Nobody shuts their own.',
  })
  @ApiOkResponse({ type: ManagedUserView })
  @ApiProblems(InvalidRequest, Forbidden, UserNotFound, OwnAdminRights)
  async change(
    @CurrentUser() { id: actorId }: Principal,
    @IdParam('id') userId: string,
    @Body() { isActive }: ChangeUser,
  ): Promise<ManagedUserView> {
    await this.service.setActive({ actorId, userId }, isActive);
    return viewManagedUser(await this.users.get(userId));
  }

  @Put(':id/roles')
  @Requires('users.change')
  @ApiOperation({
    summary: 'Set the roles of a user',
    description: 'Counts at once: their sessions end, and they log in anew. Nobody gives up being an admin themselves.',
  })
  @ApiOkResponse({ type: ManagedUserView })
  @ApiProblems(InvalidRequest, Forbidden, UserNotFound, OwnAdminRights)
  async setRoles(
    @CurrentUser() { id: actorId }: Principal,
    @IdParam('id') userId: string,
    @Body() { roles }: SetRoles,
  ): Promise<ManagedUserView> {
    await this.service.setRoles({ actorId, userId }, roles);
    return viewManagedUser(await this.users.get(userId));
  }
}
