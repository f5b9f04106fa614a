import { Body, Controller, Delete, Get, HttpCode, Patch, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Principal, SessionHolder } from '../../contracts/roles.js';
import { Unauthenticated } from '../../platform/auth/auth.errors.js';
import { CurrentUser } from '../../platform/auth/current-user.decorator.js';
import { SensitiveRoute, WithoutMfa } from '../../platform/auth/route-access.js';
import { ApiProblems } from '../../platform/http/api-problems.decorator.js';
import { IdParam } from '../../platform/http/id-param.js';
import { pageOf, PageQuery } from '../../platform/http/page.js';
import { InvalidRequest } from '../../shared/errors.js';
import { AccountService } from './account.service.js';
import { SessionsRepository } from './sessions/sessions.repository.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SessionNotFound } from './user.errors.js';
import { SessionPage, UserView, viewSession, viewUser } from './user.view.js';
import { ChangeProfile } from './users.dto.js';
import { UsersRepository } from './users.repository.js';

@ApiTags('users')
@ApiBearerAuth()
@SensitiveRoute()
@Controller('users/me')
export class UsersController {
  constructor(
    private readonly users: UsersRepository,
    private readonly account: AccountService,
    private readonly sessions: SessionsRepository,
    private readonly endings: SessionsService,
  ) {}

  @Get()
  @WithoutMfa()
  @ApiOperation({ summary: 'Read my account' })
  @ApiOkResponse({ type: UserView })
  @ApiProblems(Unauthenticated)
  async find(@CurrentUser() user: Principal): Promise<UserView> {
    return viewUser(await this.users.get(user.id));
  }

  @Patch()
  @ApiOperation({ summary: 'Change my name or language', description: 'What is not given stays as it is.' })
  @ApiOkResponse({ type: UserView })
  @ApiProblems(InvalidRequest, Unauthenticated)
  async change(@CurrentUser() user: Principal, @Body() profile: ChangeProfile): Promise<UserView> {
    await this.account.changeProfile(user.id, profile);
    return viewUser(await this.users.get(user.id));
  }

  @Get('sessions')
  @ApiOperation({ summary: 'List my open sessions, newest first' })
  @ApiOkResponse({ type: SessionPage })
  @ApiProblems(InvalidRequest, Unauthenticated)
  async listSessions(@CurrentUser() user: SessionHolder, @Query() { limit, after }: PageQuery): Promise<SessionPage> {
    const page = pageOf(await this.sessions.listOpen(user.id, { limit: limit + 1, after: after ?? null }), limit);
    return { ...page, data: page.data.map((session) => viewSession(session, user.sessionId)) };
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'End one of my sessions', description: 'At once, wherever it is used.' })
  @ApiNoContentResponse()
  @ApiProblems(InvalidRequest, Unauthenticated, SessionNotFound)
  async endSession(@CurrentUser() user: Principal, @IdParam('id') id: string): Promise<void> {
    await this.endings.end(user.id, id, 'revoked');
  }

  @Delete('sessions')
  @HttpCode(204)
  @ApiOperation({ summary: 'End all my sessions', description: 'Also the one that asks: everybody logs in again.' })
  @ApiNoContentResponse()
  @ApiProblems(Unauthenticated)
  async endSessions(@CurrentUser() user: Principal): Promise<void> {
    await this.endings.endAll(user.id);
  }
}
