import { Module } from '@nestjs/common';
import { DeliveriesController } from './deliveries.controller.js';
import { ParkedDeliveriesRepository } from './parked-deliveries.repository.js';

@Module({ controllers: [DeliveriesController], providers: [ParkedDeliveriesRepository] })
export class EventsHttpModule {}
