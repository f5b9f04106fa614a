import { Module } from '@nestjs/common';
import { PaymentOperationsController } from './operations/payment-operations.controller.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentsModule } from './payments.module.js';
import { WebhookInboxRepository } from './webhooks/webhook-inbox.repository.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { WebhooksService } from './webhooks/webhooks.service.js';

@Module({
  imports: [PaymentsModule],
  controllers: [PaymentsController, PaymentOperationsController, WebhooksController],
  providers: [WebhookInboxRepository, WebhooksService],
})
export class PaymentsHttpModule {}
