import { Module } from '@nestjs/common';
import { DisputesWorkerModule } from './disputes/disputes.worker.module.js';
import { LedgerWorkerModule } from './ledger/ledger.worker.module.js';
import { PaymentsModule } from './payments.module.js';
import { AbandonedIntentsProcessor } from './recovery/abandoned-intents.processor.js';
import { OpenPaymentsRepository } from './recovery/open-payments.repository.js';
import { PaymentRecoveryLoop } from './recovery/payment-recovery.loop.js';
import { PaymentRecoveryService } from './recovery/payment-recovery.service.js';
import { ReconciliationWorkerModule } from './reconciliation/reconciliation.worker.module.js';
import { FoundRefundsService } from './refunds/found-refunds.service.js';
import { OpenRefundsRepository } from './refunds/recovery/open-refunds.repository.js';
import { RefundInquiryService } from './refunds/recovery/refund-inquiry.service.js';
import { RefundRecoveryLoop } from './refunds/recovery/refund-recovery.loop.js';
import { RefundRecoveryService } from './refunds/recovery/refund-recovery.service.js';
import { IntentSettlementService } from './webhooks/intent-settlement.service.js';
import { MissedEventsLoop } from './webhooks/missed-events.loop.js';
import { MissedEventsRepository } from './webhooks/missed-events.repository.js';
import { MissedEventsService } from './webhooks/missed-events.service.js';
import { RefundLookupService } from './webhooks/refund-lookup.service.js';
import { StripeEvents } from './webhooks/stripe-events.js';
import { WebhookInboxRepository } from './webhooks/webhook-inbox.repository.js';
import { WebhookLookups } from './webhooks/webhook-lookups.js';
import { WebhookSiblingsRepository } from './webhooks/webhook-siblings.repository.js';
import { WebhooksProcessor } from './webhooks/webhooks.processor.js';

@Module({
  imports: [PaymentsModule, LedgerWorkerModule, DisputesWorkerModule, ReconciliationWorkerModule],
  providers: [
    OpenPaymentsRepository,
    PaymentRecoveryService,
    PaymentRecoveryLoop,
    AbandonedIntentsProcessor,
    OpenRefundsRepository,
    RefundInquiryService,
    RefundRecoveryService,
    RefundRecoveryLoop,
    FoundRefundsService,
    RefundLookupService,
    IntentSettlementService,
    WebhookLookups,
    WebhookSiblingsRepository,
    WebhooksProcessor,
    WebhookInboxRepository,
    StripeEvents,
    MissedEventsRepository,
    MissedEventsService,
    MissedEventsLoop,
  ],
})
export class PaymentsWorkerModule {}
