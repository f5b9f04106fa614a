import { Module } from '@nestjs/common';
import { PaymentsController } from './payments.controller.js';
import { PaymentsModule } from './payments.module.js';
import { WebhookInboxRepository } from './webhooks/webhook-inbox.repository.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { WebhooksService } from './webhooks/webhooks.service.js';

@Module({
  imports: [PaymentsModule],
  controllers: [PaymentsController, WebhooksController],
  providers: [WebhookInboxRepository, WebhooksService],
})
export class PaymentsHttpModule {}
