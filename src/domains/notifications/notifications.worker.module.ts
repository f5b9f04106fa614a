import { Module } from '@nestjs/common';
import { Channels } from './channels/channels.js';
import { EmailChannel } from './channels/email.channel.js';
import { LettersService } from './letters.service.js';
import { MailerProcessor } from './mailer.processor.js';
import { NotificationsModule } from './notifications.module.js';
import { NotificationsProcessor } from './notifications.processor.js';
import { SendingService } from './sending.service.js';

@Module({
  imports: [NotificationsModule],
  providers: [EmailChannel, Channels, LettersService, SendingService, NotificationsProcessor, MailerProcessor],
})
export class NotificationsWorkerModule {}
