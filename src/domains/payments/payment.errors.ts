import { defineError } from '../../shared/errors.js';

export class PaymentNotFound extends defineError('payment-not-found', 'not-found', 'No such payment') {
  constructor(id: string) {
    super(`There is no payment ${id}.`);
  }
}

export class PaymentInProgress extends defineError('payment-in-progress', 'conflict', 'A payment is under way') {
  constructor(orderId: string) {
    super(`Order ${orderId} has a payment that is under way or done.`);
  }
}

export class CardDeclined extends defineError('card-declined', 'declined', 'The card was declined') {
  constructor(declineCode: string, detail: string) {
    super(detail, { declineCode });
  }
}

export class PaymentRefused extends defineError('payment-refused', 'declined', 'The payment was refused') {
  constructor(reason: string, detail: string) {
    super(detail, { reason });
  }
}

export class InvalidSignature extends defineError('invalid-signature', 'invalid', 'The signature is not valid') {
  constructor() {
    super('The request does not carry a valid signature of its raw body.');
  }
}
