import { type DynamicModule, Module } from '@nestjs/common';
import { CatalogWorkerModule } from '../domains/catalog/catalog.worker.module.js';
import { NotificationsWorkerModule } from '../domains/notifications/notifications.worker.module.js';
import { OrdersWorkerModule } from '../domains/orders/orders.worker.module.js';
import { PaymentsWorkerModule } from '../domains/payments/payments.worker.module.js';
import type { Config } from '../platform/config/config.js';
import { MetricsWorkerModule } from '../platform/metrics/metrics.worker.module.js';
import { QueueModule } from '../platform/queue/queue.module.js';
import { PlatformModule } from './platform.module.js';
import { PortsModule } from './ports.module.js';
import { ScheduledWorkModule } from './scheduled-work.module.js';

/** The domains and their ears, and a door for probes and metrics only. */
@Module({})
export class WorkerModule {
  static for(config: Config): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        PlatformModule.for(config),
        QueueModule,
        PortsModule,
        CatalogWorkerModule,
        NotificationsWorkerModule,
        OrdersWorkerModule,
        PaymentsWorkerModule,
        MetricsWorkerModule,
        ScheduledWorkModule,
      ],
    };
  }
}
