import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agenda } from './core/agenda.js';
import { BadRequest, type Ending, type Incoming, json, receive, send } from './core/http.js';
import { World } from './core/world.js';
import { openDoor } from './doors/controls.js';
import { handlePush } from './push.js';
import { SendGridGateway } from './sendgrid/gateway.js';
import { dispute } from './stripe/disputes.js';
import { StripeGateway } from './stripe/gateway.js';
import { BANK_DEBIT_ENDS, DISPUTE_ARRIVES, endBankDebit, isPayable } from './stripe/payments.js';
import { REFUND_ENDS, endRefund } from './stripe/refunds.js';

/** Longer than any client keeps a connection idle, so that it is never the sandbox that hangs up first. */
const KEEP_ALIVE_MS = 75_000;
const SETTLE_MS = 1_000;

export interface SandboxOptions {
  /** 0 takes a free port. */
  port: number;
  host?: string;
  /** Where journal and state live; a sandbox started on the same folder goes on where the last one stopped. */
  dataDir: string;
  webhookUrl?: string;
  webhookSecret: string;
  stripeKey?: string;
  /** How browsers reach the sandbox, where that is not where it listens. */
  publicUrl?: string;
  settleMs?: number;
  /** Told of what should never happen: a mistake in the sandbox itself. */
  onError?: (error: unknown) => void;
}

export interface Sandbox {
  url: string;
  port: number;
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const host = options.host ?? '127.0.0.1';
  const world = new World({
    dataDir: options.dataDir,
    webhookUrl: options.webhookUrl ?? null,
    webhookSecret: options.webhookSecret,
    settleMs: options.settleMs ?? SETTLE_MS,
    stripeKey: options.stripeKey ?? null,
  });
  const agenda = newAgenda(world);
  const server = newServer(world, agenda, options.onError);
  const port = await listen(server, options.port, host);
  const url = `http://${host}:${port}`;
  world.baseUrl = options.publicUrl ?? url;
  world.resume();
  const close = async () => {
    agenda.close();
    world.faults.clear();
    await new Promise<void>((resolve) => setImmediate(resolve));
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    world.close();
    await closed;
  };
  return { url, port, close };
}

function newAgenda(world: World): Agenda {
  const request = { id: null, idempotencyKey: null };
  return new Agenda(world, {
    [REFUND_ENDS]: (unit, id) => endRefund({ world, unit, request }, id),
    [DISPUTE_ARRIVES]: (unit, id) => {
      const charge = unit.get('charges', id);
      if (charge && charge.dispute === null) dispute({ world, unit, request }, charge);
    },
    [BANK_DEBIT_ENDS]: (unit, id) => {
      const intent = unit.get('intents', id);
      if (intent?.status === 'processing' && isPayable(intent)) endBankDebit({ world, unit, request }, intent);
    },
  });
}

function newServer(world: World, agenda: Agenda, onError?: (error: unknown) => void): Server {
  const stripe = new StripeGateway(world);
  const sendGrid = new SendGridGateway(world);
  const route = async (incoming: Incoming): Promise<Ending> => {
    if (incoming.method === 'OPTIONS') return PREFLIGHT;
    if (incoming.path.startsWith('/v1/')) return stripe.handle(incoming);
    if (incoming.path.startsWith('/v3/')) return sendGrid.handle(incoming);
    if (incoming.path.startsWith('/push/')) return handlePush(world, incoming);
    return openDoor({ world, agenda }, incoming);
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      send(response, await route(await receive(request)));
    } catch (error) {
      if (request.errored) return;
      const isTooLarge = error instanceof BadRequest;
      if (!isTooLarge) onError?.(error);
      const message = isTooLarge ? error.message : 'The sandbox itself is broken; see its log';
      send(response, json(isTooLarge ? 413 : 500, { error: { type: 'api_error', message } }));
    }
  };
  const server = createServer((request, response) => void serve(request, response));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = KEEP_ALIVE_MS + 1_000;
  return server;
}

/** Stripe.js asks before it confirms from a page. */
const PREFLIGHT: Ending = {
  status: 204,
  body: '',
  headers: {
    'access-control-allow-headers': '*, authorization',
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-origin': '*',
  },
};

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
