import { Module } from '@nestjs/common';
import { PaymentsModule } from '../payments.module.js';
import { DisputeBook } from './dispute-book.js';
import { DisputeSettlementService } from './dispute-settlement.service.js';
import { DisputesRepository } from './disputes.repository.js';
import { StripeDisputes } from './stripe-disputes.js';

@Module({
  imports: [PaymentsModule],
  providers: [StripeDisputes, DisputesRepository, DisputeBook, DisputeSettlementService],
  exports: [DisputeSettlementService],
})
export class DisputesWorkerModule {}
