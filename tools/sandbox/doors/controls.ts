import type { Agenda } from '../core/agenda.js';
import { readFaults } from '../core/faults.js';
import { BadRequest, type Incoming, type Reply, html, json, jsonText } from '../core/http.js';
import type { Json, JsonObject } from '../core/json.js';
import { PLAIN, type WebhookSettings } from '../core/webhooks.js';
import type { World } from '../core/world.js';
import { lapse } from '../stripe/captures.js';
import { type Scene } from '../stripe/events.js';
import { CHECKOUT_PAGE } from './checkout.js';
import { dashboardRefund, disputeCharge, letCustomerAnswer } from './dashboard.js';
import { authenticatePage, mailboxPage, receiptPage } from './pages.js';

export interface Doors {
  world: World;
  agenda: Agenda;
}

interface Visit extends Doors {
  id: string;
  query: URLSearchParams;
  body: Json | undefined;
}

type Door = (visit: Visit) => Reply | Promise<Reply>;

/** The sandbox's own doors: what a test or a proof does to the provider, and what a person sees of it. */
const DOORS: Record<string, Door> = {
  'GET /mailbox': ({ world, query }) => html(mailboxPage(world, query.get('to'))),
  'GET /checkout': () => html(CHECKOUT_PAGE),
  'GET /_sandbox/health': () => json(200, { status: 'ok' }),
  'GET /_sandbox/journal': ({ world, query }) =>
    jsonText(200, world.journal.after(Number(query.get('after') ?? 0) || 0)),
  'GET /_sandbox/faults': ({ world }) => json(200, world.faults.list()),
  'PUT /_sandbox/faults': ({ world, body }) => {
    world.faults.arm(readFaults(body));
    return json(200, world.faults.list());
  },
  'DELETE /_sandbox/faults': ({ world }) => {
    world.faults.clear();
    return json(200, []);
  },
  'GET /_sandbox/webhooks': ({ world }) => json(200, shownWebhooks(world)),
  'PUT /_sandbox/webhooks': changeWebhooks,
  'POST /_sandbox/events/:id/resend': async ({ world, id }) => {
    if (!world.store.tables.events.get(id)) return unknown('event', id);
    return json(200, { id, status: await world.webhooks.resend(id) });
  },
  'POST /_sandbox/payment-intents/:id/authenticate': ({ world, id, body }) =>
    acted(world, 'payment_intents.authenticate', (scene) => letCustomerAnswer(scene, id, body)),
  'POST /_sandbox/charges/:id/dispute': ({ world, id }) =>
    acted(world, 'charges.dispute', (scene) => disputeCharge(scene, id)),
  'POST /_sandbox/charges/:id/refund': ({ world, id, body }) =>
    acted(world, 'charges.refund', (scene) => dashboardRefund(scene, id, body)),
  'POST /_sandbox/clock': moveClock,
  'POST /_sandbox/reset': ({ world }) => {
    world.reset();
    return json(200, { journal: world.journal.last });
  },
  'GET /_sandbox/messages': ({ world, query }) => json(200, messagesTo(world, query.get('to'))),
  'GET /_sandbox/pushes': ({ world }) => json(200, [...world.store.tables.pushes.oldestFirst()]),
  'GET /_sandbox/authenticate/:id': ({ world, id }) => {
    const intent = world.store.tables.intents.get(id);
    return intent ? html(authenticatePage(intent)) : unknown('payment intent', id);
  },
  'GET /_sandbox/receipts/:id': ({ world, id }) => {
    const charge = world.store.tables.charges.get(id);
    return charge ? html(receiptPage(charge)) : unknown('charge', id);
  },
};

export async function openDoor(doors: Doors, incoming: Incoming): Promise<Reply> {
  const [, root = '', kind, id, verb] = incoming.path.split('/');
  const named = [root, kind, id === undefined ? undefined : ':id', verb].filter((part) => part !== undefined);
  const door = DOORS[`${incoming.method} /${named.join('/')}`];
  if (!door) return json(404, { message: `No such door: ${incoming.method} ${incoming.path}` });
  try {
    return await door({
      ...doors,
      id: id ?? '',
      query: new URLSearchParams(incoming.query),
      body: parsed(incoming.body),
    });
  } catch (error) {
    if (error instanceof BadRequest) return json(400, { message: error.message });
    throw error;
  }
}

function parsed(body: string): Json | undefined {
  if (body === '') return undefined;
  try {
    return JSON.parse(body) as Json;
  } catch {
    throw new BadRequest('The body is not JSON');
  }
}

/** Newest last, as they came. */
function messagesTo(world: World, to: string | null) {
  const messages = [...world.store.tables.messages.oldestFirst()];
  const wanted = to?.toLowerCase();
  return wanted === undefined ? messages : messages.filter((message) => message.to.toLowerCase() === wanted);
}

function acted(world: World, op: string, act: (scene: Scene) => JsonObject): Reply {
  const unit = world.open();
  const result = act({ world, unit, request: { id: null, idempotencyKey: null } });
  world.commit(unit, { op, idempotencyKey: null });
  return json(200, result);
}

function moveClock({ world, agenda, body }: Visit): Reply {
  const advance = isObject(body) ? body['advanceMs'] : undefined;
  if (typeof advance !== 'number' || !(advance >= 0)) throw new BadRequest('advanceMs is a number, 0 or more');
  world.clock.offsetMs += advance;
  const unit = world.open();
  unit.put('settings', { id: 'clock', value: { offsetMs: world.clock.offsetMs } });
  lapse({ world, unit, request: { id: null, idempotencyKey: null } });
  world.commit(unit, { op: 'payment_intents.expire', idempotencyKey: null });
  agenda.tick();
  return json(200, { now: world.clock.iso, offsetMs: world.clock.offsetMs });
}

/** What is not named goes back to normal, except the address. */
function changeWebhooks({ world, body }: Visit): Reply {
  if (!isObject(body)) throw new BadRequest('The body is an object');
  const { lose, copies, shuffle, delayMs, paused, url } = body;
  const settings: WebhookSettings = {
    url: typeof url === 'string' ? url : world.webhooks.settings.url,
    lose: number(lose, 'lose', { lowest: 0, highest: 1 }) ?? PLAIN.lose,
    copies: number(copies, 'copies', { lowest: 1, highest: 100 }) ?? PLAIN.copies,
    shuffle: shuffle === true,
    delayMs: number(delayMs, 'delayMs', { lowest: 0, highest: 3_600_000 }) ?? PLAIN.delayMs,
    paused: paused === true,
  };
  world.webhooks.change(settings);
  const unit = world.open();
  unit.put('settings', { id: 'webhooks', value: { url: settings.url } });
  world.commit(unit, { op: 'webhooks', idempotencyKey: null });
  return json(200, shownWebhooks(world));
}

function number(value: Json | undefined, name: string, { lowest, highest }: { lowest: number; highest: number }) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && value >= lowest && value <= highest) return value;
  throw new BadRequest(`${name} is a number from ${lowest} to ${highest}`);
}

function shownWebhooks({ webhooks, store }: World) {
  const { settings, seed, counts, waiting } = webhooks;
  return { ...settings, seed, counts, waiting, undelivered: store.tables.deliveries.size };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknown(kind: string, id: string): Reply {
  return json(404, { message: `There is no ${kind} ${id} here` });
}
