import { Module } from '@nestjs/common';
import { LedgerController } from './ledger.controller.js';
import { LedgerReadingRepository } from './ledger-reading.repository.js';

@Module({ controllers: [LedgerController], providers: [LedgerReadingRepository] })
export class LedgerHttpModule {}
