import { ApiProperty } from '@nestjs/swagger';
import {
  CHANNEL_NAMES,
  NOTIFICATION_KINDS,
  NOTIFICATION_STATUSES,
  type ChannelName,
  type Notification,
  type NotificationKind,
  type NotificationStatus,
} from './notification.entity.js';

export class NotificationView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ enum: NOTIFICATION_KINDS, example: 'payment-receipt' }) kind!: NotificationKind;
  @ApiProperty({ enum: CHANNEL_NAMES, example: 'email' }) channel!: ChannelName;
  @ApiProperty({
    enum: NOTIFICATION_STATUSES,
    description: 'sent: the provider took it; rejected: it will not be sent.',
    example: 'sent',
  })
  status!: NotificationStatus;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The order it is about; else null.' })
  orderId!: string | null;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
}

export class NotificationPage {
  @ApiProperty({ type: [NotificationView] }) data!: NotificationView[];
  @ApiProperty({ type: String, nullable: true, description: 'Pass as `after`; null at the end.' }) next!: string | null;
}

export function viewNotification(notification: Notification): NotificationView {
  const { id, kind, channel, status, orderId, createdAt } = notification;
  return { id, kind, channel, status, orderId, createdAt: createdAt.toISOString() };
}
