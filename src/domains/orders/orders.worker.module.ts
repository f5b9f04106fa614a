import { Module } from '@nestjs/common';
import { OrderExpiryLoop } from './order-expiry.loop.js';
import { OrderExpiryService } from './order-expiry.service.js';
import { OrdersErasureProcessor } from './orders-erasure.processor.js';
import { OrdersModule } from './orders.module.js';

@Module({ imports: [OrdersModule], providers: [OrderExpiryService, OrderExpiryLoop, OrdersErasureProcessor] })
export class OrdersWorkerModule {}
