import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CheckoutService } from './checkout/checkout.service.js';
import { PaymentOpeningService } from './checkout/payment-opening.service.js';
import { LedgerRepository } from './ledger/ledger.repository.js';
import { PaymentCancellationService } from './operations/payment-cancellation.service.js';
import { CaptureRequestService } from './operations/capture-request.service.js';
import { PaymentCaptureService } from './operations/payment-capture.service.js';
import { PaymentConfirmationService } from './operations/payment-confirmation.service.js';
import { Payment } from './payment.entity.js';
import { PersonalPaymentsRepository } from './personal-payments.repository.js';
import { PaymentsRepository } from './payments.repository.js';
import { Refund } from './refunds/refund.entity.js';
import { RefundOpeningService } from './refunds/refund-opening.service.js';
import { RefundReviews } from './refunds/refund-reviews.js';
import { RefundSettlementService } from './refunds/refund-settlement.service.js';
import { RefundsRepository } from './refunds/refunds.repository.js';
import { RefundsService } from './refunds/refunds.service.js';
import { PaymentSideEffects } from './settlement/payment-side-effects.js';
import { ReviewsRepository } from './reviews/reviews.repository.js';
import { SettlementService } from './settlement/settlement.service.js';
import { CardPayment } from './strategies/card.payment.js';
import { PaymentStrategies } from './strategies/payment-strategies.js';
import { stripeProvider } from './strategies/stripe.client.js';

@Module({
  imports: [TypeOrmModule.forFeature([Payment, Refund])],
  providers: [
    stripeProvider,
    CardPayment,
    PaymentStrategies,
    PaymentsRepository,
    PersonalPaymentsRepository,
    LedgerRepository,
    RefundsRepository,
    ReviewsRepository,
    PaymentSideEffects,
    SettlementService,
    PaymentOpeningService,
    CheckoutService,
    PaymentCancellationService,
    CaptureRequestService,
    PaymentCaptureService,
    PaymentConfirmationService,
    RefundReviews,
    RefundOpeningService,
    RefundSettlementService,
    RefundsService,
  ],
  exports: [
    LedgerRepository,
    PaymentCancellationService,
    PaymentCaptureService,
    PaymentConfirmationService,
    stripeProvider,
    CardPayment,
    PaymentStrategies,
    PaymentsRepository,
    PersonalPaymentsRepository,
    ReviewsRepository,
    SettlementService,
    CheckoutService,
    RefundReviews,
    RefundsRepository,
    RefundSettlementService,
    RefundsService,
  ],
})
export class PaymentsModule {}
