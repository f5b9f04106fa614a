import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Order, OrderItem } from './order.entity.js';
import { OrderCancellationService } from './order-cancellation.service.js';
import { OrderPlacementService } from './order-placement.service.js';
import { PersonalOrdersRepository } from './personal-orders.repository.js';
import { OrdersRepository } from './orders.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature([Order, OrderItem])],
  providers: [OrdersRepository, PersonalOrdersRepository, OrderPlacementService, OrderCancellationService],
  exports: [OrdersRepository, PersonalOrdersRepository, OrderPlacementService, OrderCancellationService],
})
export class OrdersModule {}
