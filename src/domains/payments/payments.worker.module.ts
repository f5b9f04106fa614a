import { Module } from '@nestjs/common';
import { PaymentsModule } from './payments.module.js';
import { AbandonedIntentsProcessor } from './recovery/abandoned-intents.processor.js';
import { OpenPaymentsRepository } from './recovery/open-payments.repository.js';
import { PaymentRecoveryLoop } from './recovery/payment-recovery.loop.js';
import { PaymentRecoveryService } from './recovery/payment-recovery.service.js';
import { IntentSettlementService } from './webhooks/intent-settlement.service.js';
import { WebhookLookups } from './webhooks/webhook-lookups.js';
import { WebhooksProcessor } from './webhooks/webhooks.processor.js';

@Module({
  imports: [PaymentsModule],
  providers: [
    OpenPaymentsRepository,
    PaymentRecoveryService,
    PaymentRecoveryLoop,
    AbandonedIntentsProcessor,
    IntentSettlementService,
    WebhookLookups,
    WebhooksProcessor,
  ],
})
export class PaymentsWorkerModule {}
