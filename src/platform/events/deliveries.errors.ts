import { defineError } from '../../shared/errors.js';

export class DeliveryNotFound extends defineError('delivery-not-found', 'not-found', 'No such delivery') {
  constructor(eventId: string, subscriber: string) {
    super(`Nothing is left to do for ${subscriber} about event ${eventId}.`);
  }
}

export class DeliveryNotParked extends defineError('delivery-not-parked', 'conflict', 'The delivery is not parked') {
  constructor(eventId: string, subscriber: string) {
    super(`The delivery of event ${eventId} to ${subscriber} is tried again by itself.`);
  }
}
