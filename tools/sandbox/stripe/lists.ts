import { type Form, isForm } from '../core/form.js';
import type { Json, JsonObject } from '../core/json.js';
import type { Rows } from '../core/records.js';
import type { Table } from '../core/table.js';
import type { Call } from './call.js';
import { chargeView, refundView, transactionView } from './views/charge.view.js';
import { showDispute } from './disputes.js';
import { noSuch, noSuchParameter, refusedParameter } from './failures.js';
import { intentView } from './views/intent.view.js';
import { type Rules, check, positive, text, wholeNumber, words } from './parameters.js';

type Listed = 'intents' | 'charges' | 'refunds' | 'disputes' | 'transactions' | 'events';

interface Listing<Row> {
  /** As in "No such …". */
  kind: string;
  url: string;
  filters: Rules;
  view(row: Row, call: Call): JsonObject;
  keeps(row: Row, form: Form): boolean;
}

const LIMIT = 10;
const HIGHEST_LIMIT = 100;
const PAGING: Rules = {
  created: 'range',
  ending_before: 'string',
  expand: 'list',
  limit: 'integer',
  starting_after: 'string',
};

const BY_INTENT: Rules = { payment_intent: 'string' };
const BY_CHARGE: Rules = { ...BY_INTENT, charge: 'string' };

function matches(form: Form, name: string, value: string): boolean {
  return form[name] === undefined || form[name] === value;
}

const LISTINGS: { [K in Listed]: Listing<Rows[K]> } = {
  intents: {
    kind: 'payment_intent',
    url: '/v1/payment_intents',
    filters: { customer: 'string', customer_account: 'string' },
    view: (row, call) => intentView(row, call.world.baseUrl),
    keeps: (row, form) => matches(form, 'customer', row.customer ?? ''),
  },
  charges: {
    kind: 'charge',
    url: '/v1/charges',
    filters: { ...BY_INTENT, customer: 'string', transfer_group: 'string' },
    view: (row, call) => chargeView(row, call.world.baseUrl),
    keeps: (row, form) => matches(form, 'payment_intent', row.intent) && matches(form, 'customer', row.customer ?? ''),
  },
  refunds: {
    kind: 'refund',
    url: '/v1/refunds',
    filters: BY_CHARGE,
    view: (row) => refundView(row),
    keeps: (row, form) => matches(form, 'payment_intent', row.intent) && matches(form, 'charge', row.charge),
  },
  disputes: {
    kind: 'dispute',
    url: '/v1/disputes',
    filters: BY_CHARGE,
    view: (row, call) => showDispute(call, row),
    keeps: (row, form) => matches(form, 'payment_intent', row.intent) && matches(form, 'charge', row.charge),
  },
  transactions: {
    kind: 'balance transaction',
    url: '/v1/balance_transactions',
    filters: { currency: 'string', payout: 'string', source: 'string', type: 'string' },
    view: (row) => transactionView(row),
    keeps: (row, form) =>
      matches(form, 'source', row.source) && matches(form, 'type', row.type) && matches(form, 'currency', row.currency),
  },
  events: {
    kind: 'event',
    url: '/v1/events',
    filters: { delivery_success: 'boolean', type: 'string', types: 'list' },
    view: (row) => JSON.parse(row.json) as JsonObject,
    keeps: (row, form) => {
      const wanted = text(form, 'type') === null ? words(form, 'types') : [text(form, 'type') ?? ''];
      return wanted.length === 0 || wanted.some((type) => isOfType(row.type, type));
    },
  },
};

function isOfType(type: string, wanted: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

function tableOf<K extends Listed>(call: Call, name: K): Table<Rows[K]> {
  return call.world.store.tables[name];
}

/** A page, newest first, as every list of the API gives it. */
export function listOf<K extends Listed>(name: K): (call: Call) => JsonObject {
  const listing: Listing<Rows[K]> = LISTINGS[name];
  return (call) => {
    check(call.form, { ...PAGING, ...listing.filters });
    const limit = readLimit(call.form);
    const { from, to } = readRange(call.form);
    const rows: Rows[K][] = [];
    const { walk, isBackwards } = direction(call, tableOf(call, name), listing.kind);
    for (const row of walk) {
      if (!isBackwards && row.created < from) break;
      if (row.created < from || row.created > to || !listing.keeps(row, call.form)) continue;
      rows.push(row);
      if (rows.length > limit) break;
    }
    const page = rows.slice(0, limit);
    if (isBackwards) page.reverse();
    const data: Json[] = page.map((row) => listing.view(row, call));
    return { object: 'list', data, has_more: rows.length > limit, url: listing.url };
  };
}

export function oneOf<K extends Listed>(name: K): (call: Call) => JsonObject {
  const listing: Listing<Rows[K]> = LISTINGS[name];
  return (call) => {
    check(call.form, { expand: 'list' });
    const row = tableOf(call, name).get(call.id);
    if (!row) throw noSuch(listing.kind, call.id, 'id');
    return listing.view(row, call);
  };
}

interface Walk<Row> {
  walk: Iterable<Row>;
  isBackwards: boolean;
}

function direction<Row extends { id: string }>(call: Call, table: Table<Row>, kind: string): Walk<Row> {
  const before = text(call.form, 'ending_before');
  const after = text(call.form, 'starting_after') ?? undefined;
  for (const [name, id] of [['ending_before', before] as const, ['starting_after', after] as const]) {
    if (typeof id === 'string' && !table.get(id)) throw noSuchParameter(kind, id, name);
  }
  if (before !== null) return { walk: table.newerThan(before), isBackwards: true };
  return { walk: table.newestFirst(after), isBackwards: false };
}

function readLimit(form: Form): number {
  const limit = positive(form, 'limit') ?? LIMIT;
  if (limit <= HIGHEST_LIMIT) return limit;
  const message = `This value must be less than or equal to ${HIGHEST_LIMIT}.`;
  throw refusedParameter('limit', 'parameter_invalid_integer', message);
}

interface Range {
  from: number;
  to: number;
}

function readRange(form: Form): Range {
  const given = form['created'];
  if (given === undefined) return { from: 0, to: Number.POSITIVE_INFINITY };
  if (!isForm(given)) {
    const at = wholeNumber('created', given);
    return { from: at, to: at };
  }
  let range: Range = { from: 0, to: Number.POSITIVE_INFINITY };
  for (const [bound, value] of Object.entries(given)) {
    const at = wholeNumber(`created[${bound}]`, value);
    range = narrowed(range, bound, at);
  }
  return range;
}

function narrowed(range: Range, bound: string, at: number): Range {
  if (bound === 'gt') return { ...range, from: Math.max(range.from, at + 1) };
  if (bound === 'gte') return { ...range, from: Math.max(range.from, at) };
  if (bound === 'lt') return { ...range, to: Math.min(range.to, at - 1) };
  if (bound === 'lte') return { ...range, to: Math.min(range.to, at) };
  throw refusedParameter(`created[${bound}]`, 'parameter_unknown', `Received unknown parameter: created[${bound}]`);
}
