import pg from 'pg';
import { newId } from '../../src/shared/ids.js';
import { expectStatus, type Reply } from '../support/client.js';
import { Premises, type Person } from './authorisation.support.js';

interface Act {
  readonly id: string;
  readonly act: string;
  readonly subject: string;
}

describe('acts of the shop', () => {
  let premises: Premises;
  let admin: Person;
  let other: Person;
  let third: Person;

  beforeAll(async () => {
    premises = await Premises.open();
    [admin, other] = [await premises.person('user', 'admin'), await premises.person('user', 'admin')];
    third = await premises.person('user');
  });

  afterAll(() => premises?.close());

  const as = ({ token }: Person) => premises.client(token);
  const product = () => ({ sku: newId(), name: 'Cup', unitAmount: 900 });
  const create = (who: Person, body: object = product()) => as(who).post('/v1/products', { body });
  const actsIn = ({ text }: Reply) => (JSON.parse(text) as { data: Act[] }).data;
  const list = async (query: string) => actsIn(expectStatus(await as(admin).get(`/v1/admin/audit?${query}`), 200));

  it('say who did what, to what, before and after, and from where', async () => {
    const headers = { 'user-agent': 'a desk', 'x-request-id': 'the-request' };
    const body = { roles: ['user', 'support'] };
    expectStatus(await as(admin).request('PUT', `/v1/admin/users/${third.id}/roles`, { body, headers }), 200);
    expect(await list(`subject=user-${third.id}`)).toEqual([
      {
        ...{
          id: expect.any(String),
          occurredAt: expect.any(String),
          act: 'users.set-roles',
          subject: `user-${third.id}`,
        },
        ...{ actorId: admin.id, apiKeyId: null, ip: '127.0.0.1', device: 'a desk', requestId: 'the-request' },
        ...{ before: { roles: ['user'] }, after: { roles: ['user', 'support'] } },
      },
    ]);
  });

  it('name the key that was used, and what was changed only', async () => {
    const { id } = expectStatus(await create(admin), 201).body;
    const key = await premises.keyOf(admin, ['products.change']);
    const headers = { 'x-api-key': key.key };
    const body = { name: 'Large cup', unitAmount: 900 };
    expectStatus(await premises.client().request('PATCH', `/v1/products/${id}`, { headers, body }), 200);
    expectStatus(await premises.client().request('PATCH', `/v1/products/${id}`, { headers, body }), 200);
    expect(await list(`subject=product-${id}`)).toMatchObject([
      {
        ...{ act: 'products.change', actorId: admin.id, apiKeyId: key.id },
        ...{ before: { name: 'Cup', unitAmount: 900 }, after: { name: 'Large cup', unitAmount: 900 } },
      },
      { act: 'products.create', actorId: admin.id, apiKeyId: null, before: null },
    ]);
  });

  it('are found by actor, act and period, newest first, page by page', async () => {
    const before = new Date().toISOString();
    const made = [await create(other), await create(other), await create(other)].map(
      ({ body: { id } }) => `product-${id}`,
    );
    const subjects = async (query: string) => (await list(query)).map(({ subject }) => subject);
    expect(await subjects(`actorId=${other.id}`)).toEqual([...made].reverse());
    expect(await subjects(`actorId=${other.id}&act=users.set-roles`)).toEqual([]);
    expect(await subjects(`actorId=${other.id}&act=products.create&from=${before}`)).toEqual([...made].reverse());
    expect(await subjects(`actorId=${other.id}&to=${before}`)).toEqual([]);
    const [first] = await list(`actorId=${other.id}&limit=1`);
    expect(await subjects(`actorId=${other.id}&limit=1&after=${first?.id}`)).toEqual([made[1]]);
    for (const wrong of ['act=made-up', 'actorId=x', 'subject=x', 'from=yesterday', 'limit=0', 'who=me']) {
      expectStatus(await as(admin).get(`/v1/admin/audit?${wrong}`), 400);
    }
  });

  it('are recorded with what they change, or neither happens', async () => {
    const count = async () => (await premises.db.query(`SELECT count(*) FROM audit_details`))[0];
    const before = await count();
    const taken = product();
    expectStatus(await create(admin, taken), 201);
    expectStatus(await create(admin, taken), 409);
    expect(await premises.db.query(`SELECT 1 FROM audit_details WHERE after ->> 'sku' = $1`, [taken.sku])).toHaveLength(
      1,
    );
    expect(await count()).not.toEqual(before);

    const lost = product();
    await premises.db.query(
      `CREATE FUNCTION mutant_lost() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'lost'; END $$`,
    );
    await premises.db.query(`CREATE TRIGGER mutant BEFORE INSERT ON audit_details EXECUTE FUNCTION mutant_lost()`);
    try {
      expectStatus(await create(admin, lost), 500);
    } finally {
      await premises.db.query(`DROP FUNCTION mutant_lost CASCADE`);
    }
    expect(await premises.db.query(`SELECT 1 FROM products WHERE sku = $1`, [lost.sku])).toEqual([]);
    expectStatus(await create(admin, lost), 201);
  });

  it('cannot be denied by the application: only what may have to be forgotten can be emptied', async () => {
    const application = new pg.Client({ connectionString: premises.db.databaseUrl });
    await application.connect();
    const tried = async (sql: string) =>
      application.query(sql).then(
        ({ rowCount }) => rowCount,
        ({ code }: { code: string }) => code,
      );
    try {
      for (const sql of [
        `DELETE FROM audit_details`,
        `TRUNCATE audit_details`,
        `UPDATE audit_details SET actor_id = NULL`,
        `UPDATE audit_details SET act = 'x'`,
        `UPDATE audit_details SET event_id = event_id`,
        `UPDATE audit_details SET subject = 'x'`,
      ]) {
        expect([sql, await tried(sql)]).toEqual([sql, '42501']);
      }
      expect(await tried(`DELETE FROM events WHERE name = 'act.performed'`)).not.toEqual(expect.any(Number));
      expect(
        await tried(`UPDATE audit_details SET ip = NULL, device = NULL, before = NULL, after = NULL`),
      ).toBeGreaterThan(0);
    } finally {
      await application.end();
    }
    const [act] = await list(`subject=user-${third.id}`);
    expect(act).toMatchObject({ act: 'users.set-roles', actorId: admin.id, before: null, after: null, ip: null });
  });
});
