import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { SUBSCRIBER_NAMES, type Subscriber } from '../../contracts/domain-events.js';
import { PAGE_MAX } from '../http/page.js';
import type { DeliveryKey, ParkedDelivery } from './parked-deliveries.repository.js';

const CURSOR = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z-]{1,64}$/;

export class ListDeliveries {
  @ApiProperty({ required: false, enum: ['parked'], default: 'parked' })
  @IsOptional()
  @IsIn(['parked'])
  state = 'parked' as const;

  @ApiProperty({ required: false, minimum: 1, maximum: PAGE_MAX, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(PAGE_MAX)
  limit: number = 20;

  @ApiProperty({ required: false, description: '`next` of the page before.' })
  @IsOptional()
  @Matches(CURSOR, { message: 'after must be the `next` of a page' })
  after?: string;
}

/** A page ends with a delivery, which one id does not name. */
export function cursorOf({ eventId, subscriber }: ParkedDelivery): string {
  return `${eventId}.${subscriber}`;
}

export function keyOf(cursor: string): DeliveryKey {
  const [eventId = '', subscriber] = cursor.split('.');
  return { eventId, subscriber: subscriber as Subscriber };
}

export function isSubscriber(value: string): value is Subscriber {
  return SUBSCRIBER_NAMES.some((name) => name === value);
}
