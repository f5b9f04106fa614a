import { Module } from '@nestjs/common';
import { OrderExpiryLoop } from './order-expiry.loop.js';
import { OrderExpiryService } from './order-expiry.service.js';
import { OrdersModule } from './orders.module.js';

@Module({ imports: [OrdersModule], providers: [OrderExpiryService, OrderExpiryLoop] })
export class OrdersWorkerModule {}
