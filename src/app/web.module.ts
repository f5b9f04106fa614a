import { type DynamicModule, Module } from '@nestjs/common';
import { CatalogHttpModule } from '../domains/catalog/catalog.http.module.js';
import { NotificationsHttpModule } from '../domains/notifications/notifications.http.module.js';
import { OrdersHttpModule } from '../domains/orders/orders.http.module.js';
import { PaymentsHttpModule } from '../domains/payments/payments.http.module.js';
import { UsersHttpModule } from '../domains/users/users.http.module.js';
import { AuditHttpModule } from '../platform/audit/audit.http.module.js';
import { AuthModule } from '../platform/auth/auth.module.js';
import type { Config } from '../platform/config/config.js';
import { EventsHttpModule } from '../platform/events/events.http.module.js';
import { HttpModule } from '../platform/http/http.module.js';
import { QueueBoardModule } from '../platform/queue/board/queue-board.module.js';
import { SchedulingHttpModule } from '../platform/scheduling/scheduling.http.module.js';
import { PlatformModule } from './platform.module.js';
import { PortsModule } from './ports.module.js';

/** The domains and their doors. Nothing here can eat a job. */
@Module({})
export class WebModule {
  static for(config: Config): DynamicModule {
    return {
      module: WebModule,
      imports: [
        PlatformModule.for(config),
        HttpModule,
        AuthModule,
        PortsModule,
        // Express looks for a route in this order: the busiest first.
        OrdersHttpModule,
        PaymentsHttpModule,
        CatalogHttpModule,
        UsersHttpModule,
        NotificationsHttpModule,
        EventsHttpModule,
        SchedulingHttpModule,
        QueueBoardModule,
        AuditHttpModule,
      ],
    };
  }
}
