import { Global, Module } from '@nestjs/common';
import { GatheredRedis } from '../cache/gathered-redis.js';
import { Limiter } from './limiter.js';

@Global()
@Module({ providers: [GatheredRedis, Limiter], exports: [GatheredRedis, Limiter] })
export class LimiterModule {}
