import { Module } from '@nestjs/common';
import { PaymentsModule } from '../payments.module.js';
import { ProviderViewsService } from './provider-views.service.js';
import { ReviewResolutionService } from './review-resolution.service.js';
import { ReviewedPaymentsRepository } from './reviewed-payments.repository.js';
import { ReviewsController } from './reviews.controller.js';

@Module({
  imports: [PaymentsModule],
  controllers: [ReviewsController],
  providers: [ReviewedPaymentsRepository, ProviderViewsService, ReviewResolutionService],
})
export class ReviewsHttpModule {}
