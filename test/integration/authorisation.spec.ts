import { ValidationPipe } from '@nestjs/common';
import { isPrivileged, type Permission } from '../../src/contracts/permissions.js';
import { PermissionsGuard } from '../../src/platform/auth/permissions.guard.js';
import { OrdersRepository } from '../../src/domains/orders/orders.repository.js';
import { newId } from '../../src/shared/ids.js';
import type { Reply } from '../support/client.js';
import { tell } from '../support/figures.js';
import { everythingIn } from '../support/refusals.js';
import { SchemaCheck } from '../support/schema-check.js';
import { MATRIX, type Row } from './authorisation.matrix.js';
import {
  ACTORS,
  NOBODYS_ID,
  pathIn,
  Premises,
  type Actor,
  type Operation,
  type World,
} from './authorisation.support.js';

jest.setTimeout(120_000);

/** What nobody but the server decides. */
const FOREIGN = ['roles', 'isActive', 'status', 'totalAmount', 'userId', 'id', 'createdAt'] as const;
const NO_IDS = ['undefined', 'null', 'NaN', '0', '-1', '[object%20Object]', '%27', `${NOBODYS_ID}0`, '*'];

type Replies = Readonly<Record<Actor, Reply>>;

describe('the authorisation matrix', () => {
  let premises: Premises;
  let check: SchemaCheck;

  beforeAll(async () => {
    premises = await Premises.open();
    check = new SchemaCheck(premises.document);
  });

  afterAll(() => premises?.close());

  const rowOf = (name: string): Row => MATRIX[name] ?? { expected: {} as Row['expected'] };

  async function worldFor(operation: Operation): Promise<World> {
    const world = await premises.world(operation.path);
    await rowOf(operation.name).prepare?.(world, premises);
    return world;
  }

  const ask = (operation: Operation, world: World, asking: { actor: Actor; path?: string; body?: object }) =>
    premises.ask(operation, world, { body: rowOf(operation.name).body?.(world), ...asking });

  /** What everybody is answered, those first who are to be refused; and whether these changed anything. */
  async function replies(operation: Operation, world: World): Promise<{ replies: Replies; isUntouched: boolean }> {
    const given = new Map<Actor, Reply>();
    const { expected } = rowOf(operation.name);
    const isRefused = (actor: Actor) => [401, 403, 404].includes(expected[actor]);
    const before = await everythingIn(premises.db);
    for (const actor of ACTORS.filter(isRefused)) given.set(actor, await ask(operation, world, { actor }));
    const isUntouched = (await everythingIn(premises.db)) === before;
    for (const actor of ACTORS.filter((one) => !isRefused(one)))
      given.set(actor, await ask(operation, world, { actor }));
    return { replies: Object.fromEntries(given) as Replies, isUntouched };
  }

  const statusesOf = (given: Replies) => Object.fromEntries(ACTORS.map((actor) => [actor, given[actor].status]));

  it('has one row for every route, and no other', () => {
    expect(Object.keys(MATRIX).sort()).toEqual(premises.operations.map(({ name }) => name).sort());
    expect(premises.operations.length).toBeGreaterThan(50);
    const { length } = premises.operations;
    tell('P39', `${length} routes, ${length * ACTORS.length} outcomes as the matrix says`);
  });

  it('says of every thing somebody owns that it is not found by others, and of every route of the shop that it is 403', () => {
    for (const { name, path, permissions } of premises.operations) {
      const { other, owner, keyWithout } = rowOf(name).expected;
      const isShops = permissions.length > 0 && permissions.every(isPrivileged);
      if (isShops) expect([name, owner, other, keyWithout]).toEqual([name, 403, 403, 403]);
      else if (path.includes('{') && permissions.length > 0)
        expect([name, other, keyWithout]).toEqual([name, 404, 403]);
    }
  });

  it('says of the routes that take an API key that they do, and of no other', () => {
    const secured = premises.operations.filter(({ document }) => document?.security);
    const documented = secured.filter(({ document }) => document?.security?.some((scheme) => 'apiKey' in scheme));
    const actual = secured.filter(({ name }) => ![401, 403].includes(rowOf(name).expected.keyWith));
    expect(documented.map(({ name }) => name)).toEqual(actual.map(({ name }) => name));
    expect(actual.length).toBeGreaterThan(20);
  });

  it.each(Object.entries(MATRIX))('%s', async (name, { expected, permissions }) => {
    const operation = { ...premises.operation(name), ...(permissions ? { permissions } : {}) };
    const world = await worldFor(operation);
    const { replies: given, isUntouched } = await replies(operation, world);

    expect(statusesOf(given)).toEqual(expected);
    expect(isUntouched).toBe(true);
    for (const actor of ACTORS) expect([actor, ...mistakesIn(operation, given[actor])]).toEqual([actor]);
    // What somebody names themselves comes back to them in the problem.
    const secrets = secretsOf(world).filter((secret) => !pathIn(operation, world).includes(secret));
    for (const secret of secrets) expect([given.anonymous.text, given.other.text].join()).not.toContain(secret);
    await expectActs(operation, world, given);
  });

  function secretsOf({ owner, belongings: { orders, payments, sessions } }: World): string[] {
    return [owner.email, orders, payments, sessions].filter((text) => text !== undefined);
  }

  /** Everything a reply has beside what the document says, and everything it lacks. */
  function mistakesIn({ document, path }: Operation, { status, text, headers }: Reply): string[] {
    if (!document) return [];
    const described = document.responses[status] as { content?: Record<string, { schema?: object }> } | undefined;
    if (!described) return [`${status} is not in the document`];
    const type = (headers.get('content-type') ?? '').split(';')[0] ?? '';
    const schema = described.content?.[type]?.schema;
    // Probes and metrics are for machines that know what they ask.
    if (!/json/.test(type) || !path.startsWith('/v1/')) return [];
    return schema ? check.mistakesIn(JSON.parse(text), schema) : [`${type} is not in the document`];
  }

  /** Whoever of the shop changed what is not their own left an act, in the same breath. */
  async function expectActs({ method, permissions }: Operation, world: World, given: Replies): Promise<void> {
    if (method === 'GET' || !permissions.some(isPrivileged)) return;
    const [actor] = (['support', 'admin'] as const).filter((who) => given[who].status < 300);
    expect(actor).toBeDefined();
    const acts = await premises.db.query<{ permission: Permission }>(
      `SELECT d.act FROM audit_details AS d JOIN events AS e ON e.id = d.event_id
        WHERE d.actor_id = $1 AND e.metadata ->> 'requestId' = $2 AND e.metadata ->> 'actorId' = $1::text AND d.ip IS NOT NULL`,
      [actor && world[actor].id, actor && given[actor].headers.get('x-request-id')],
    );
    expect(acts).toHaveLength(1);
  }

  describe('an id that is none', () => {
    it.each(Object.keys(MATRIX).filter((name) => /\{\w*[iI]d\}/.test(name)))('%s', async (name) => {
      const operation = premises.operation(name);
      const world = await worldFor(operation);
      const before = await everythingIn(premises.db);
      for (const actor of ['owner', 'admin'] as const) {
        if ([401, 403].includes(rowOf(name).expected[actor])) continue;
        for (const id of NO_IDS) {
          const path = pathIn({ ...operation, path: operation.path.replace(/\{\w*[iI]d\}/, id) }, world);
          const { status, body } = await ask(operation, world, { actor, path });
          expect([actor, id, status, body.code]).toEqual([actor, id, 400, 'invalid-request']);
        }
        const path = pathIn({ ...operation, path: operation.path.replace(/\{\w*[iI]d\}/, newId()) }, world);
        expect([actor, (await ask(operation, world, { actor, path })).status]).toEqual([actor, 404]);
      }
      expect(await everythingIn(premises.db)).toBe(before);
    });
  });

  describe('members that are not the client’s to set', () => {
    it.each(Object.keys(MATRIX).filter((name) => MATRIX[name]?.body))('%s', async (name) => {
      const operation = premises.operation(name);
      expect(await assignmentsTaken(operation)).toEqual([]);
    });

    /** Which of them a route took, or refused without saying which it was; and whether anything changed. */
    async function assignmentsTaken(operation: Operation): Promise<string[]> {
      const world = await worldFor(operation);
      const actor =
        ACTORS.findLast((one) => ![401, 403, 404].includes(rowOf(operation.name).expected[one])) ?? 'anonymous';
      const valid = rowOf(operation.name).body?.(world) ?? {};
      const taken: string[] = [];
      for (const foreign of FOREIGN.filter((name) => !(name in valid))) {
        const before = await everythingIn(premises.db);
        const { status, body } = await ask(operation, world, { actor, body: { ...valid, [foreign]: 'admin' } });
        const isNamed = body.errors?.some(({ pointer }) => pointer === `#/${foreign}`) === true;
        const isSame = (await everythingIn(premises.db)) === before;
        if (status !== 400 || !isNamed || !isSame) taken.push(foreign);
      }
      return taken;
    }

    it('inside an order’s lines', async () => {
      const operation = premises.operation('POST /v1/orders');
      const world = await worldFor(operation);
      for (const foreign of [...FOREIGN, 'unitAmount', 'name', 'sku']) {
        const line = { productId: world.product, quantity: 1, [foreign]: 1 };
        const { status, body } = await ask(operation, world, { actor: 'owner', body: { items: [line] } });
        expect([status, body.errors?.[0]?.pointer]).toEqual([400, `#/items/0/${foreign}`]);
      }
    });

    it('would be taken without the check', async () => {
      const off = jest
        .spyOn(ValidationPipe.prototype, 'transform')
        .mockImplementation((value) => Promise.resolve(value));
      try {
        expect(await assignmentsTaken(premises.operation('POST /v1/orders'))).toEqual([...FOREIGN]);
        expect(await assignmentsTaken(premises.operation('PATCH /v1/admin/users/{id}'))).toContain('roles');
      } finally {
        off.mockRestore();
      }
    });
  });

  describe('would be another', () => {
    it('if nobody asked for permissions', async () => {
      const off = jest.spyOn(PermissionsGuard.prototype, 'canActivate').mockReturnValue(true);
      try {
        for (const name of ['GET /v1/admin/audit', 'POST /v1/products', 'GET /v1/users/me', 'GET /v1/orders/{id}']) {
          const operation = premises.operation(name);
          const { replies: given } = await replies(operation, await worldFor(operation));
          expect(statusesOf(given)).not.toEqual(rowOf(name).expected);
          expect(given.keyWithout.status).not.toBe(403);
        }
      } finally {
        off.mockRestore();
      }
    });

    it('if nobody asked whose an order is', async () => {
      const operation = premises.operation('GET /v1/orders/{id}');
      const world = await worldFor(operation);
      const orders = premises.app.get(OrdersRepository, { strict: false });
      const get = orders.get.bind(orders);
      const off = jest.spyOn(orders, 'get').mockImplementation((id) => get(id, null));
      try {
        const { replies: given } = await replies(operation, world);
        expect(given.other.status).toBe(200);
        expect(secretsOf(world).some((secret) => given.other.text.includes(secret))).toBe(true);
      } finally {
        off.mockRestore();
      }
    });

    it('if a reply told more than the document says', () => {
      const { document } = premises.operation('GET /v1/users/me');
      const schema = (document?.responses['200'] as { content: Record<string, { schema: object }> }).content[
        'application/json'
      ];
      const view = {
        id: 'a',
        email: 'a',
        displayName: null,
        locale: 'en',
        roles: [],
        emailVerified: true,
        createdAt: '',
      };
      expect(check.mistakesIn(view, schema?.schema ?? {})).toEqual([]);
      expect(check.mistakesIn({ ...view, passwordHash: 'x' }, schema?.schema ?? {})).toEqual([
        '#/passwordHash is not in the document',
      ]);
    });
  });
});
