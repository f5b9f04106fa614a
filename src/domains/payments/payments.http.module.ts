import { Module } from '@nestjs/common';
import { LedgerHttpModule } from './ledger/ledger.http.module.js';
import { PaymentOperationsController } from './operations/payment-operations.controller.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentsModule } from './payments.module.js';
import { RefundsController } from './refunds/refunds.controller.js';
import { ReconciliationHttpModule } from './reconciliation/reconciliation.http.module.js';
import { ReviewsHttpModule } from './reviews/reviews.http.module.js';
import { WebhookInboxRepository } from './webhooks/webhook-inbox.repository.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { WebhooksService } from './webhooks/webhooks.service.js';

@Module({
  imports: [PaymentsModule, LedgerHttpModule, ReviewsHttpModule, ReconciliationHttpModule],
  controllers: [PaymentsController, PaymentOperationsController, RefundsController, WebhooksController],
  providers: [WebhookInboxRepository, WebhooksService],
})
export class PaymentsHttpModule {}
