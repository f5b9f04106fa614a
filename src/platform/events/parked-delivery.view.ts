import { ApiProperty } from '@nestjs/swagger';
import { SUBSCRIBER_NAMES, type EventName, type Subscriber } from '../../contracts/domain-events.js';
import type { ParkedDelivery } from './parked-deliveries.repository.js';

export class ParkedDeliveryView {
  @ApiProperty({ format: 'uuid' }) eventId!: string;
  @ApiProperty({ enum: SUBSCRIBER_NAMES, description: 'Whose work it is.', example: 'mailer' }) subscriber!: Subscriber;
  @ApiProperty({ type: String, description: 'What happened.', example: 'notification.queued' }) event!: EventName;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The order it is about; else null.' })
  orderId!: string | null;
  @ApiProperty({ description: 'How often work on it began.', example: 8 }) attempts!: number;
  @ApiProperty({ description: 'Workers that died over it.', example: 0 }) deaths!: number;
  @ApiProperty({ type: String, nullable: true, example: 'Error: SendGrid answered 401' }) lastError!: string | null;
  @ApiProperty({ format: 'date-time' }) occurredAt!: string;
  @ApiProperty({ format: 'date-time', description: 'When it was parked.' }) deadAt!: string;
}

export class ParkedDeliveryPage {
  @ApiProperty({ type: [ParkedDeliveryView] }) data!: ParkedDeliveryView[];
  @ApiProperty({ type: String, nullable: true, description: 'Pass as `after`; null at the end.' }) next!: string | null;
}

export function viewParkedDelivery({ occurredAt, deadAt, ...facts }: ParkedDelivery): ParkedDeliveryView {
  return { ...facts, occurredAt: occurredAt.toISOString(), deadAt: deadAt.toISOString() };
}
