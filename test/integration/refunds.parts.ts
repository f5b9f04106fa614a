import type { DataSource } from 'typeorm';
import type { PaymentsRepository } from '../../src/domains/payments/payments.repository.js';
import { FoundRefundsService } from '../../src/domains/payments/refunds/found-refunds.service.js';
import { OpenRefundsRepository } from '../../src/domains/payments/refunds/recovery/open-refunds.repository.js';
import { RefundInquiryService } from '../../src/domains/payments/refunds/recovery/refund-inquiry.service.js';
import { RefundOpeningService } from '../../src/domains/payments/refunds/refund-opening.service.js';
import { RefundRecoveryService } from '../../src/domains/payments/refunds/recovery/refund-recovery.service.js';
import { RefundReviews } from '../../src/domains/payments/refunds/refund-reviews.js';
import { RefundSettlementService } from '../../src/domains/payments/refunds/refund-settlement.service.js';
import { RefundsRepository } from '../../src/domains/payments/refunds/refunds.repository.js';
import { RefundsService } from '../../src/domains/payments/refunds/refunds.service.js';
import { ReviewsRepository } from '../../src/domains/payments/reviews/reviews.repository.js';
import type { CardPayment } from '../../src/domains/payments/strategies/card.payment.js';
import { PaymentStrategies } from '../../src/domains/payments/strategies/payment-strategies.js';
import { RefundLookupService } from '../../src/domains/payments/webhooks/refund-lookup.service.js';
import type { Config } from '../../src/platform/config/config.js';
import { Idempotency } from '../../src/platform/database/idempotency.js';
import type { Transactions } from '../../src/platform/database/transactions.js';
import type { Alarms } from '../../src/platform/telemetry/alarms.js';
import { Log } from '../../src/platform/telemetry/log.js';

interface Around {
  readonly config: Config;
  readonly dataSource: DataSource;
  readonly transactions: Transactions;
  readonly payments: PaymentsRepository;
  readonly cards: CardPayment;
  readonly alarms: Alarms;
}

export interface RefundParts {
  readonly refunds: RefundsRepository;
  readonly opening: RefundOpeningService;
  readonly service: RefundsService;
  readonly settlement: RefundSettlementService;
  readonly recovery: RefundRecoveryService;
  readonly found: FoundRefundsService;
  readonly lookup: RefundLookupService;
}

/** The refunds of one database and one sandbox, put together as the application does. */
export function refundParts({ config, dataSource, transactions, payments, cards, alarms }: Around): RefundParts {
  const log = new Log(config);
  const strategies = new PaymentStrategies(cards);
  const idempotency = new Idempotency(dataSource);
  const refunds = new RefundsRepository(dataSource);
  const reviews = new RefundReviews(new ReviewsRepository(), alarms);
  const settlement = new RefundSettlementService(transactions, payments, refunds, reviews, idempotency, config);
  const opening = new RefundOpeningService(transactions, payments, refunds, config);
  const open = new OpenRefundsRepository(dataSource, config);
  const inquiry = new RefundInquiryService(transactions, open, refunds, strategies, config);
  const found = new FoundRefundsService(transactions, payments, refunds, settlement, reviews);
  return {
    refunds,
    opening,
    service: new RefundsService(opening, strategies, settlement, idempotency, refunds, log),
    settlement,
    recovery: new RefundRecoveryService(open, refunds, payments, inquiry, settlement, log),
    found,
    lookup: new RefundLookupService(cards, found),
  };
}
