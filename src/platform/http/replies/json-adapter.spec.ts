import { Controller, Get, Header, HttpCode, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { JsonText } from '../../../shared/json-text.js';
import { JsonAdapter } from './json-adapter.js';

const BODIES: Readonly<Record<string, unknown>> = {
  object: { id: 1, name: 'Grüße', missing: undefined, at: new Date(0) },
  list: [{ a: 1 }, null],
  long: { text: 'x'.repeat(5_000) },
  'long beyond ASCII': { text: '€'.repeat(999) },
  'as PostgreSQL writes it': new JsonText('{"id":"1","name":"Grüße"}'),
  text: 'plain',
  nothing: undefined,
  null: null,
  number: 7,
};

@Controller()
class Bodies {
  @Get('body/:name')
  body(@Param('name') name: string): unknown {
    return BODIES[name];
  }

  @Get('accepted')
  @HttpCode(202)
  accepted(): unknown {
    return { status: 'accepted' };
  }

  @Get('tagged')
  @Header('ETag', '"1"')
  tagged(): unknown {
    return { version: 1 };
  }
}

@Module({ controllers: [Bodies] })
class OneDoor {}

const apps: NestExpressApplication[] = [];

async function opened(adapter: ExpressAdapter): Promise<string> {
  const app = await NestFactory.create<NestExpressApplication>(OneDoor, adapter, { logger: false });
  apps.push(app);
  app.set('etag', false);
  await app.listen(0, '127.0.0.1');
  return app.getUrl();
}

afterAll(() => Promise.all(apps.map((app) => app.close())));

async function told(url: string, init?: RequestInit) {
  const reply = await fetch(url, init);
  const headers = [...reply.headers].filter(([name]) => name !== 'date');
  return { status: reply.status, headers: Object.fromEntries(headers), text: await reply.text() };
}

it('answers as Express does, whatever a handler returns', async () => {
  const [ours, theirs] = await Promise.all([opened(new JsonAdapter()), opened(new ExpressAdapter())]);
  const paths = [...Object.keys(BODIES).map((name) => `/body/${encodeURIComponent(name)}`), '/accepted', '/tagged'];
  for (const path of paths) {
    expect(await told(ours + path)).toEqual(await told(theirs + path));
    expect(await told(ours + path, { method: 'HEAD' })).toEqual(await told(theirs + path, { method: 'HEAD' }));
  }
  const known = { headers: { 'if-none-match': '"1"', 'cache-control': 'max-age=60' } };
  expect(await told(`${ours}/tagged`, known)).toEqual(await told(`${theirs}/tagged`, known));
});
