import { defineError } from '../shared/errors.js';

/** Missing and somebody else's are the same to whoever asks. */
export class OrderNotFound extends defineError('order-not-found', 'not-found', 'No such order') {
  constructor(id: string) {
    super(`There is no order ${id}.`);
  }
}

export class OrderNotPayable extends defineError('order-not-payable', 'conflict', 'The order cannot be paid') {
  /** `status` is the order's, or `expired`. */
  constructor(id: string, status: string) {
    super(`Order ${id} is ${status}.`, { orderStatus: status });
  }
}
