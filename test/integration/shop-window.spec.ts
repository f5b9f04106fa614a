import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { get, type IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { keptBody, sendKept } from '../../src/platform/http/replies/kept-body.js';
import { newId } from '../../src/shared/ids.js';
import { expectStatus } from '../support/client.js';
import { ShopWindow } from './shop-window.support.js';

/** What nobody may write: a reply made for one person, kept for all. */
@Controller('mine')
class Mistake {
  @Get()
  async mine(@Req() request: Request, @Res() response: Response): Promise<void> {
    sendKept(await keptBody({ mine: true }), request, response);
  }
}

let shop: ShopWindow;

beforeEach(async () => {
  shop = await ShopWindow.open({ controllers: [Mistake] });
});

afterEach(() => shop.close());

/** The bytes as they come over the wire. */
function raw(path: string, headers: Record<string, string>) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; bytes: Buffer }>((resolve, reject) => {
    get(`${shop.url}${path}`, { headers }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.once('end', () =>
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, bytes: Buffer.concat(chunks) }),
      );
    }).once('error', reject);
  });
}

describe('the shop window', () => {
  it('asks the database once: what was read is there even without it', async () => {
    const id = await shop.product();
    const paths = [`/v1/products/${id}`, '/v1/products', '/v1/products?limit=50&currency=USD'];
    const before = await Promise.all(paths.map((path) => shop.visitor.get(path)));

    shop.proxies.database.become('refuse');
    const after = await Promise.all(paths.map((path) => shop.visitor.get(path)));
    expect(after.map(({ status, text }) => ({ status, text }))).toEqual(
      before.map(({ text }) => ({ status: 200, text })),
    );
    expect((await shop.visitor.get('/v1/products?limit=49')).status).toBe(503);
    expect((await shop.admin.get('/v1/admin/products')).status).toBe(503);
  });

  it('keeps every page apart', async () => {
    await shop.product({ name: 'Blue mug', currency: 'USD' });
    await shop.product({ name: 'Green cup', currency: 'EUR' });
    const queries = ['', '?currency=USD', '?currency=EUR', '?q=mug', '?q=cup', '?limit=1', '?currency=USD&q=cup'];
    const namesOf = async (query: string) => {
      const { data } = (await shop.visitor.get(`/v1/products${query}`)).body;
      return data.map((product) => Reflect.get(product, 'name') as string);
    };
    const expected = [
      ['Blue mug', 'Green cup'],
      ['Blue mug'],
      ['Green cup'],
      ['Blue mug'],
      ['Green cup'],
      ['Blue mug'],
      [],
    ];
    for (let round = 0; round < 2; round += 1) {
      expect(await Promise.all(queries.map(namesOf))).toEqual(expected);
    }
    const { next } = JSON.parse((await shop.visitor.get('/v1/products?limit=1')).text) as { next: string };
    expect(await namesOf(`?limit=1&after=${next}`)).toEqual(['Green cup']);
  });

  it('keeps no refusal', async () => {
    const id = newId();
    expectStatus(await shop.visitor.get(`/v1/products/${id}`), 404);
    expectStatus(await shop.visitor.get('/v1/products?limit=0'), 400);
    expectStatus(await shop.visitor.get('/v1/products?colour=blue'), 400);
    expect(await shop.redis.keys('purser:cache:1:value:*')).toEqual([]);
  });

  it('never keeps the admins’ view, nor anything for one person', async () => {
    const hidden = await shop.product({ isActive: false });
    expectStatus(await shop.admin.get('/v1/admin/products'), 200);
    expectStatus(await shop.admin.get(`/v1/admin/products/${hidden}`), 200);
    expect(await shop.redis.keys('purser:cache:1:value:*')).toEqual([]);
    expectStatus(await shop.visitor.get(`/v1/products/${hidden}`), 404);
    expectStatus(await shop.admin.get('/v1/mine'), 500);
  });
});

describe('the bytes of the shop window', () => {
  it('come with an ETag and are not sent to one who has them', async () => {
    const id = await shop.product();
    for (const path of ['/v1/products', `/v1/products/${id}`]) {
      const first = await raw(path, {});
      const { etag = '' } = first.headers;
      expect(first.headers).toMatchObject({
        'cache-control': 'no-cache',
        etag: expect.stringMatching(/^W\/"[\w-]{22}"$/),
      });
      const known = await raw(path, { 'if-none-match': `"other", ${etag}`, 'accept-encoding': 'gzip' });
      expect([known.status, known.bytes.length, known.headers.etag]).toEqual([304, 0, etag]);
      expect((await raw(path, { 'if-none-match': 'W/"other"' })).status).toBe(200);
    }
  });

  it('are compressed once, above 1 KiB, for those who can read it', async () => {
    const id = await shop.product();
    for (let count = 0; count < 9; count += 1) await shop.product();
    const plain = await raw('/v1/products', {});
    const small = await raw('/v1/products', { 'accept-encoding': 'br, gzip, deflate' });
    const refused = await raw('/v1/products', { 'accept-encoding': 'gzip;q=0, identity' });

    expect(plain.headers).toMatchObject({ vary: 'Accept-Encoding', 'content-length': String(plain.bytes.length) });
    expect(small.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(small.bytes.length) });
    expect(gunzipSync(small.bytes).equals(plain.bytes)).toBe(true);
    expect(small.bytes.length).toBeLessThan(plain.bytes.length / 3);
    expect(refused.headers['content-encoding']).toBeUndefined();
    expect(plain.headers['content-type']).toBe('application/json; charset=utf-8');

    const one = await raw(`/v1/products/${id}`, { 'accept-encoding': 'gzip' });
    expect([one.bytes.length < 1_024, one.headers['content-encoding'], one.headers.vary]).toEqual([
      true,
      undefined,
      undefined,
    ]);
  });

  it('of every other answer above 1 KiB are compressed too', async () => {
    for (let count = 0; count < 9; count += 1) await shop.product();
    const { authorization } = shop;
    const plain = await raw('/v1/admin/products', { authorization });
    const small = await raw('/v1/admin/products', { authorization, 'accept-encoding': 'gzip' });
    expect(gunzipSync(small.bytes).equals(plain.bytes)).toBe(true);
    expect(small.headers).toMatchObject({ 'content-length': String(small.bytes.length), vary: 'Accept-Encoding' });
    expect(small.headers).toMatchObject({ 'cache-control': 'no-store' });
    const tiny = await raw('/v1/admin/products?limit=1', { authorization, 'accept-encoding': 'gzip' });
    expect(tiny.headers['content-encoding']).toBeUndefined();
  });
});
