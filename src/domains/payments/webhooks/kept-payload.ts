/**
 * What of a provider's event is written down: ids, states and amounts. Its objects carry names, addresses and phone
 * numbers of customers as well, and nobody here needs those: what an event is about is asked of the provider.
 */
const KEPT = [
  'id',
  'object',
  'type',
  'created',
  'livemode',
  'api_version',
  'status',
  'amount',
  'amount_received',
  'amount_captured',
  'amount_refunded',
  'currency',
  'payment_intent',
  'charge',
  'latest_charge',
  'reason',
] as const;

type Scalar = string | number | boolean | null;

export function keptPayload(event: object, about: object): object {
  return { ...scalarsOf(event), data: { object: scalarsOf(about) } };
}

/** Where a provider expands an id to a whole object, that object is left out. */
function scalarsOf(object: object): Record<string, Scalar> {
  const values = KEPT.map((name) => [name, (object as Record<string, unknown>)[name]] as const);
  return Object.fromEntries(values.filter((pair): pair is [(typeof KEPT)[number], Scalar] => isScalar(pair[1])));
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
