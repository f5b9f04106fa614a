import { Module } from '@nestjs/common';
import { CatalogueCacheProcessor } from './catalogue-cache.processor.js';

@Module({ providers: [CatalogueCacheProcessor] })
export class CatalogWorkerModule {}
