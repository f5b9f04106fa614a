import { Global, Module } from '@nestjs/common';
import { DeliveriesRepository } from './deliveries.repository.js';
import { Events } from './events.js';

@Global()
@Module({ providers: [Events, DeliveriesRepository], exports: [Events, DeliveriesRepository] })
export class EventsModule {}
