import express, { type Request, type Response } from 'express';
import pg from 'pg';
import { selectMine, selectOne, VIEW } from '../../../src/domains/orders/order.sql.js';
import { place } from './place.js';

/**
 * What the machine can do: Express and node-postgres with the same SQL, prepared too, and the same pool, and nothing else. No
 * login, no limits, no validation, no log. JSON is parsed by the driver and written by Express, as they come.
 */
const POOL_MAX = 10;
const NEWEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const GET = selectOne(`${VIEW} AS view`);
const LIST = selectMine(`${VIEW} AS view`);

const port = Number(process.env.RAW_PORT);
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: POOL_MAX });

const app = express();
app.disable('x-powered-by');
app.set('etag', false);
app.use(express.json());

app.get('/ready', (_request, response) => {
  response.end();
});

app.get('/v1/orders/:id', async (request: Request<{ id: string }>, response: Response) => {
  const query = { name: 'get', text: GET, values: [request.params.id, null] };
  const { rows } = await pool.query<{ view: unknown }>(query);
  if (rows[0]) response.json(rows[0].view);
  else response.sendStatus(404);
});

app.get('/v1/orders', async (request: Request, response: Response) => {
  const values = [NEWEST, Number(request.query.limit) + 1, request.get('x-user-id'), null];
  const { rows } = await pool.query<{ view: unknown }>({ name: 'list', text: LIST, values });
  response.json({ data: rows.slice(0, -1).map(({ view }) => view), next: null });
});

app.post('/v1/orders', async (request: Request, response: Response) => {
  response.status(201).json(await place(pool, request));
});

app.listen(port, '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
