import { DataSource } from 'typeorm';
import { seedUsers, SEEDED_LOGINS } from '../../src/domains/users/users.seed.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Accounts, type Tokens } from './users.support.js';

describe('the seeded logins', () => {
  let accounts: Accounts;

  beforeAll(async () => {
    accounts = await Accounts.start();
  });

  afterAll(() => accounts.stop());

  const seed = (password: string) =>
    new Transactions(accounts.app.get(DataSource)).run((tx) => seedUsers(tx, password));

  it('may log in at once, each with its roles, and get no mail', async () => {
    await seed('purser-demo-2026');
    for (const { id, email, displayName, roles } of SEEDED_LOGINS) {
      const { body } = await accounts.logIn(email, 'purser-demo-2026').expect(200);
      const me = await accounts.call('get', '/users/me', (body as Tokens).accessToken).expect(200);
      expect(me.body).toMatchObject({ id, email, displayName, roles, emailVerified: true });
    }
    const [due] = await accounts.db.query(`SELECT count(*)::int AS n FROM event_deliveries`);
    expect(due).toEqual({ n: 0 });
  });

  it('are left as they are by a second seed', async () => {
    const rows = `SELECT * FROM users ORDER BY id`;
    const before = await accounts.db.query(rows);
    await seed('another password');
    expect(await accounts.db.query(rows)).toEqual(before);
  });
});
