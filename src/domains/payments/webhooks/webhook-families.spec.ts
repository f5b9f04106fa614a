import { familyOf } from './webhook-families.js';

it.each([
  ['payment_intent.succeeded', 'intent'],
  ['payment_intent.payment_failed', 'intent'],
  ['payment_intent.requires_action', 'intent'],
  ['payment_intent.created', undefined],
  ['refund.created', 'refund'],
  ['charge.refund.updated', 'refund'],
  ['charge.refunded', 'refundedCharge'],
  ['charge.dispute.created', 'dispute'],
  ['charge.dispute.funds_reinstated', 'dispute'],
  ['charge.succeeded', undefined],
  ['customer.created', undefined],
  ['', undefined],
])('%s is of the family %s', (type, family) => {
  expect(familyOf(type)).toBe(family);
});
