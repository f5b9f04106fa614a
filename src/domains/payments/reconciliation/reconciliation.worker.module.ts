import { Module } from '@nestjs/common';
import { PaymentsModule } from '../payments.module.js';
import { FoundRefundsService } from '../refunds/found-refunds.service.js';
import { FindingsService } from './findings.service.js';
import { OurBooksRepository } from './our-books.repository.js';
import { PaymentReconciliationService } from './payment-reconciliation.service.js';
import { ReconcilerService } from './reconciler.service.js';
import { ReconciliationModule } from './reconciliation.module.js';
import { ReconciliationProcessor } from './reconciliation.processor.js';
import { RefundReconciliationService } from './refund-reconciliation.service.js';
import { StripeLists } from './stripe-lists.js';

@Module({
  imports: [PaymentsModule, ReconciliationModule],
  providers: [
    StripeLists,
    OurBooksRepository,
    FindingsService,
    FoundRefundsService,
    PaymentReconciliationService,
    RefundReconciliationService,
    ReconcilerService,
    ReconciliationProcessor,
  ],
})
export class ReconciliationWorkerModule {}
