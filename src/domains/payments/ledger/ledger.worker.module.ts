import { Module } from '@nestjs/common';
import { PaymentsModule } from '../payments.module.js';
import { StripeBalance } from '../strategies/stripe-balance.js';
import { LedgerSealingLoop } from './ledger-sealing.loop.js';
import { LedgerSealingService } from './ledger-sealing.service.js';
import { LedgerSealsRepository } from './ledger-seals.repository.js';
import { ProviderFeesProcessor } from './provider-fees.processor.js';

@Module({
  imports: [PaymentsModule],
  providers: [StripeBalance, ProviderFeesProcessor, LedgerSealsRepository, LedgerSealingService, LedgerSealingLoop],
})
export class LedgerWorkerModule {}
