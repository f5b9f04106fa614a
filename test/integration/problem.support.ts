import { Body, Controller, Get, Global, HttpException, Module, Post, Query, Req, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ApiProperty } from '@nestjs/swagger';
import { Type as Typed } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import type { Request } from 'express';
import { Redis } from 'ioredis';
import type { AddressInfo } from 'node:net';
import { REDIS, RedisModule } from '../../src/platform/cache/redis.module.js';
import type { Config } from '../../src/platform/config/config.js';
import { testConfig } from '../support/config.js';
import { ConfigModule } from '../../src/platform/config/config.module.js';
import { Draining } from '../../src/platform/health/draining.js';
import { ApiProblems } from '../../src/platform/http/api-problems.decorator.js';
import { configureWeb } from '../../src/platform/http/configure-web.js';
import { HttpModule } from '../../src/platform/http/http.module.js';
import { IdempotencyKey, IdempotencyKeyRequired } from '../../src/platform/http/idempotency-key.decorator.js';
import { IdParam } from '../../src/platform/http/id-param.js';
import { PageQuery } from '../../src/platform/http/page.js';
import { Unlimited } from '../../src/platform/http/unlimited.decorator.js';
import { LOG_DESTINATION } from '../../src/platform/telemetry/log.js';
import { identify } from '../../src/platform/telemetry/request-context.js';
import { TelemetryModule } from '../../src/platform/telemetry/telemetry.module.js';
import { defineError } from '../../src/shared/errors.js';
import { harness } from '../support/harness.js';

export const CANARY = 'canary-3f1d';

export class ShelfFull extends defineError('shelf-full', 'conflict', 'The shelf is full') {}

class ThingPart {
  @ApiProperty() @IsInt() @Min(1) @Max(9) quantity!: number;
}

class MakeThing {
  @ApiProperty() @IsString() @MaxLength(20) name!: string;
  @ApiProperty({ type: [ThingPart] })
  @IsOptional()
  @ValidateNested({ each: true })
  @Typed(() => ThingPart)
  parts?: ThingPart[];
}

/** One route of each kind, so that the door can be tried without the rooms behind it. */
@Controller('things')
class Things {
  @Post()
  @ApiProblems(ShelfFull)
  make(@Body() thing: MakeThing): MakeThing {
    if (thing.name === 'full') throw new ShelfFull('No room.', { free: 0, status: 200, code: 'hidden', type: 'x' });
    return thing;
  }

  @Get()
  list(@Query() query: PageQuery): PageQuery {
    return query;
  }

  @Get('broken')
  broken(): never {
    throw Object.assign(new Error(`connect to ${CANARY}-host as ada@example.com`), {
      driverError: { parameters: [CANARY] },
      config: { headers: { authorization: `Bearer ${CANARY}` } },
    });
  }

  @Get('down')
  down(): never {
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  }

  /** As an SDK throws it: the status is the provider's and not ours. */
  @Get('refused-elsewhere')
  refusedElsewhere(): never {
    throw Object.assign(new Error(CANARY), { status: 401, headers: { authorization: CANARY } });
  }

  @Get('teapot')
  teapot(): never {
    throw new HttpException(CANARY, 418);
  }

  @Get('mine')
  mine(): object {
    identify('u-1');
    return {};
  }

  @Post('keyed')
  @ApiProblems(IdempotencyKeyRequired)
  keyed(@IdempotencyKey() key: string): object {
    return { key };
  }

  @Get(':id')
  get(@IdParam('id') id: string): object {
    return { id };
  }
}

@Unlimited()
@Controller('webhooks')
class Webhooks {
  @Post('any')
  hear(@Req() { rawBody }: Request): object {
    return { bytes: rawBody?.length ?? null };
  }
}

export interface Problem {
  readonly code: string;
  readonly status: number;
  readonly requestId: string;
  readonly errors: { pointer: string; detail: string }[];
  readonly [member: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Problem;
}

/** The door of the web server over HTTP, with nothing behind it but {@link Things}. */
export class Door {
  private constructor(
    readonly app: NestExpressApplication,
    readonly config: Config,
    readonly lines: Record<string, unknown>[],
  ) {}

  static async open(given: Readonly<Record<string, string>> = {}): Promise<Door> {
    const config = testConfig({
      APP_ENV: 'test',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      REDIS_URL: testRedisUrl(),
      RATE_LIMIT_PER_MINUTE: '100000',
      ...given,
    });
    const lines: Record<string, unknown>[] = [];
    const module = doorModule(config, { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) });
    const app = await NestFactory.create<NestExpressApplication>(module, { bodyParser: false, logger: false });
    await configureWeb(app, config);
    await app.listen(0, '127.0.0.1');
    return new Door(app, config, lines);
  }

  get port(): number {
    return (this.app.getHttpServer().address() as AddressInfo).port;
  }

  get redis(): Redis {
    return this.app.get<Redis>(REDIS);
  }

  async ask(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, { method, ...init });
    const text = await response.text();
    const body = (text.startsWith('{') ? JSON.parse(text) : {}) as Problem;
    return { status: response.status, headers: response.headers, text, body };
  }

  post(path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('POST', path, { body, headers: { 'content-type': 'application/json', ...headers } });
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

/** Each jest worker runs one file at a time, so its number is a Redis database of its own. */
export function testRedisUrl(): string {
  return `${harness().redisUrl}/${process.env.JEST_WORKER_ID ?? '1'}`;
}

export async function emptyRedis(): Promise<void> {
  const redis = new Redis(testRedisUrl());
  await redis.flushdb();
  redis.disconnect();
}

function doorModule(config: Config, log: { write(line: string): void }): Type {
  @Global()
  @Module({
    providers: [Draining, { provide: LOG_DESTINATION, useValue: log }],
    exports: [Draining, LOG_DESTINATION],
  })
  class Surroundings {}

  @Module({
    imports: [Surroundings, ConfigModule.for(config), TelemetryModule, RedisModule, HttpModule],
    controllers: [Things, Webhooks],
  })
  class DoorModule {}

  return DoorModule;
}
