import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CONFIG, type Config } from '../config/config.js';
import { dataSourceOptions } from './data-source.js';
import { Idempotency } from './idempotency.js';
import { SchemaState } from './schema-state.js';
import { Transactions } from './transactions.js';

@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [CONFIG],
      useFactory: (config: Config) => ({ ...dataSourceOptions(config), autoLoadEntities: true, retryAttempts: 3 }),
    }),
  ],
  providers: [Transactions, SchemaState, Idempotency],
  exports: [Transactions, SchemaState, Idempotency],
})
export class DatabaseModule {}
