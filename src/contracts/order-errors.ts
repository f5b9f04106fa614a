import { defineError } from '../shared/errors.js';

/** Also what somebody else's order is. */
export class OrderNotFound extends defineError('order-not-found', 'not-found', 'No such order') {
  constructor(id: string) {
    super(`There is no order ${id}.`);
  }
}

export class OrderNotPayable extends defineError('order-not-payable', 'conflict', 'The order cannot be paid') {
  constructor(id: string, why: string) {
    super(`Order ${id} is ${why}.`);
  }
}
