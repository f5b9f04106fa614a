import { Global, Module } from '@nestjs/common';
import { ProviderGuards } from './provider-guards.js';

@Global()
@Module({ providers: [ProviderGuards], exports: [ProviderGuards] })
export class ResilienceModule {}
