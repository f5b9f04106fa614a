import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Notification } from './notification.entity.js';
import { PersonalNotificationsRepository } from './personal-notifications.repository.js';
import { NotificationsRepository } from './notifications.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature([Notification])],
  providers: [NotificationsRepository, PersonalNotificationsRepository],
  exports: [NotificationsRepository, PersonalNotificationsRepository],
})
export class NotificationsModule {}
