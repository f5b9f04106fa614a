import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Order, OrderItem } from './order.entity.js';
import { OrderCancellationService } from './order-cancellation.service.js';
import { OrderPlacementService } from './order-placement.service.js';
import { OrdersRepository } from './orders.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature([Order, OrderItem])],
  providers: [OrdersRepository, OrderPlacementService, OrderCancellationService],
  exports: [OrdersRepository, OrderPlacementService, OrderCancellationService],
})
export class OrdersModule {}
