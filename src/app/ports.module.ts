import { Global, Module } from '@nestjs/common';
import { ApiKeyDirectory } from '../contracts/api-key-directory.js';
import { OrderSummaries, PaymentSummaries, RefundSummaries, UserDirectory } from '../contracts/letters.js';
import { OpenPayments, PaymentEnding } from '../contracts/open-payments.js';
import { OrderBook } from '../contracts/order-book.js';
import { PendingOrders } from '../contracts/pending-orders.js';
import { PERSONAL_RECORDS, type PersonalRecords } from '../contracts/personal-records.js';
import { ProductShelf } from '../contracts/product-shelf.js';
import { SessionDirectory } from '../contracts/session-directory.js';
import { CatalogModule } from '../domains/catalog/catalog.module.js';
import { StockRepository } from '../domains/catalog/stock.repository.js';
import { NotificationsModule } from '../domains/notifications/notifications.module.js';
import { PersonalNotificationsRepository } from '../domains/notifications/personal-notifications.repository.js';
import { OrdersModule } from '../domains/orders/orders.module.js';
import { OrdersRepository } from '../domains/orders/orders.repository.js';
import { PersonalOrdersRepository } from '../domains/orders/personal-orders.repository.js';
import { PaymentCancellationService } from '../domains/payments/operations/payment-cancellation.service.js';
import { PaymentsModule } from '../domains/payments/payments.module.js';
import { PaymentsRepository } from '../domains/payments/payments.repository.js';
import { PersonalPaymentsRepository } from '../domains/payments/personal-payments.repository.js';
import { RefundsRepository } from '../domains/payments/refunds/refunds.repository.js';
import { ApiKeysRepository } from '../domains/users/api-keys/api-keys.repository.js';
import { AccountRecordsRepository } from '../domains/users/export/account-records.repository.js';
import { SessionsRepository } from '../domains/users/sessions/sessions.repository.js';
import { UserContactsRepository } from '../domains/users/user-contacts.repository.js';
import { UsersModule } from '../domains/users/users.module.js';

/** Whoever keeps anything about a person. A domain that is not named here is left out of what people get of their data. */
const personalRecordsProvider = {
  provide: PERSONAL_RECORDS,
  inject: [
    AccountRecordsRepository,
    PersonalOrdersRepository,
    PersonalPaymentsRepository,
    PersonalNotificationsRepository,
  ],
  useFactory: (...domains: PersonalRecords[]): readonly PersonalRecords[] => domains,
};

/**
 * Where the domains' questions meet their answers. Whoever answers asks nothing back of the one who asked: orders'
 * services ask payments, payments ask the orders' repository, and that asks nobody.
 */
@Global()
@Module({
  imports: [UsersModule, CatalogModule, OrdersModule, PaymentsModule, NotificationsModule],
  providers: [
    { provide: ProductShelf, useExisting: StockRepository },
    { provide: OrderBook, useExisting: OrdersRepository },
    { provide: OrderSummaries, useExisting: OrdersRepository },
    { provide: PaymentSummaries, useExisting: PaymentsRepository },
    { provide: RefundSummaries, useExisting: RefundsRepository },
    { provide: OpenPayments, useExisting: PaymentsRepository },
    { provide: PaymentEnding, useExisting: PaymentCancellationService },
    { provide: UserDirectory, useExisting: UserContactsRepository },
    { provide: PendingOrders, useExisting: PersonalOrdersRepository },
    personalRecordsProvider,
    { provide: SessionDirectory, useExisting: SessionsRepository },
    { provide: ApiKeyDirectory, useExisting: ApiKeysRepository },
  ],
  exports: [
    ProductShelf,
    OrderBook,
    OrderSummaries,
    PaymentSummaries,
    RefundSummaries,
    OpenPayments,
    PaymentEnding,
    UserDirectory,
    SessionDirectory,
    ApiKeyDirectory,
    PendingOrders,
    PERSONAL_RECORDS,
  ],
})
export class PortsModule {}
