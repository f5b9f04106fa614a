import { defineError } from '../../shared/errors.js';

export class PaymentNotFound extends defineError('payment-not-found', 'not-found', 'No such payment') {
  constructor(id: string) {
    super(`There is no payment ${id}.`);
  }
}

export class PaymentNotCancellable extends defineError(
  'payment-not-cancellable',
  'conflict',
  'The payment cannot be cancelled',
) {
  constructor(status: string) {
    super(`The payment is ${status}.`, { paymentStatus: status });
  }
}

export class PaymentNotCapturable extends defineError(
  'payment-not-capturable',
  'conflict',
  'The payment cannot be captured',
) {
  constructor(status: string) {
    super(`Only an authorized payment can be captured, once; this one is ${status}.`, { paymentStatus: status });
  }
}

export class CaptureExceedsAuthorized extends defineError(
  'capture-exceeds-authorized',
  'conflict',
  'More than what is authorized',
) {
  constructor(asked: number, authorized: number) {
    super(`${asked} were to be captured; ${authorized} are authorized.`, { asked, authorized });
  }
}

export class AmountNotChargeable extends defineError(
  'amount-not-chargeable',
  'conflict',
  'The provider cannot take this amount',
) {}

export class PaymentNotAwaiting extends defineError(
  'payment-not-awaiting-confirmation',
  'conflict',
  'The payment awaits no confirmation',
) {
  constructor(status: string) {
    super(`The payment is ${status}.`, { paymentStatus: status });
  }
}

export class AmountDiffers extends defineError('amount-differs', 'conflict', 'Another amount was expected') {
  constructor(received: number, expected: number) {
    super(`${received} were received; ${expected} are due.`, { received, expected });
  }
}

export class ReferenceUsed extends defineError('reference-used', 'conflict', 'The reference confirms another payment') {
  constructor(reference: string) {
    super(`A payment was confirmed with the reference ${reference} before.`);
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

export class WrongLivemode extends defineError('wrong-livemode', 'invalid', 'The event is of the other mode') {
  constructor(livemode: boolean) {
    super(`The event is of ${livemode ? 'live' : 'test'} mode, and this shop is not.`);
  }
}
