import { Body, Controller, Delete, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { SessionHolder } from '../../../contracts/roles.js';
import { CurrentUser } from '../../../platform/auth/current-user.decorator.js';
import { SensitiveRoute } from '../../../platform/auth/route-access.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { IdParam } from '../../../platform/http/id-param.js';
import { pageOf, PageQuery } from '../../../platform/http/page.js';
import { InvalidRequest } from '../../../shared/errors.js';
import { ApiKeyNotFound, TooManyApiKeys } from '../user.errors.js';
import { ApiKeyPage, MadeApiKeyView, viewApiKey } from './api-key.view.js';
import { MakeApiKey } from './api-keys.dto.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeysService } from './api-keys.service.js';

@ApiTags('users')
@ApiBearerAuth()
@SensitiveRoute()
@Controller('api-keys')
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly service: ApiKeysService,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Make an API key',
    description:
      'For a program that asks in your name, with the header `X-API-Key`. It never reaches your account itself.',
  })
  @ApiCreatedResponse({ type: MadeApiKeyView, description: 'With the key, shown this once.' })
  @ApiProblems(InvalidRequest, TooManyApiKeys)
  async make(@CurrentUser() user: SessionHolder, @Body() request: MakeApiKey): Promise<MadeApiKeyView> {
    const { key, ...made } = await this.service.make(user, request);
    return { ...viewApiKey(made), key };
  }

  @Get()
  @ApiOperation({ summary: 'List my API keys, newest first' })
  @ApiOkResponse({ type: ApiKeyPage })
  @ApiProblems(InvalidRequest)
  async list(@CurrentUser() user: SessionHolder, @Query() { limit, after }: PageQuery): Promise<ApiKeyPage> {
    const page = pageOf(await this.keys.list(user.id, { limit: limit + 1, after }), limit);
    return { ...page, data: page.data.map(viewApiKey) };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke one of my API keys', description: 'At once.' })
  @ApiNoContentResponse()
  @ApiProblems(InvalidRequest, ApiKeyNotFound)
  async revoke(@CurrentUser() user: SessionHolder, @IdParam('id') id: string): Promise<void> {
    await this.service.revoke(user.id, id);
  }
}
