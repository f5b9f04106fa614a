import { readConfig } from '../config/config.js';
import { Alarms } from './alarms.js';
import { Log, type Line } from './log.js';
import { identify, runInContext } from './request-context.js';

function aLog(level = 'DEBUG') {
  const lines: Record<string, unknown>[] = [];
  const config = readConfig({
    APP_ENV: 'test',
    LOG_LEVEL: level,
    DATABASE_URL: 'postgres://x',
    REDIS_URL: 'redis://x',
  });
  const write = (line: string): number => lines.push(JSON.parse(line) as Record<string, unknown>);
  return { log: new Log(config, { write }), lines };
}

describe('Log', () => {
  it('names its levels in words and its time in ISO 8601', () => {
    const { log, lines } = aLog();
    log.debug('one');
    log.info('two');
    log.warn('three');
    log.error('four');
    log.critical('five');
    expect(lines.map(({ level }) => level)).toEqual(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']);
    expect(lines.map(({ message }) => message)).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect(lines[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('writes nothing below its level', () => {
    const { log, lines } = aLog('WARNING');
    log.debug('no');
    log.info('no');
    log.warn('yes');
    expect(lines).toHaveLength(1);
  });

  it('carries the ids of the request it is written in, and none outside', () => {
    const { log, lines } = aLog();
    runInContext({ requestId: 'r-1' }, () => {
      identify('u-1');
      log.info('inside');
    });
    log.info('outside');
    expect(lines[0]).toMatchObject({ requestId: 'r-1', userId: 'u-1' });
    expect(lines[1]).not.toHaveProperty('requestId');
  });

  it('takes what Nest hands it: a context, a stack, an error, an object without a message', () => {
    const { log, lines } = aLog();
    log.log('told', 'Somebody');
    log.error('broke', 'Error: broke\n    at x.js:1:1', 'Injector');
    log.error('broke', 'Injector');
    log.error(new Error('whole'));
    log.log(JSON.parse('{"some":"thing"}') as Line);
    expect(lines[0]).toMatchObject({ message: 'told', context: 'Somebody' });
    expect(lines[1]).toMatchObject({ message: 'broke', context: 'Injector', stack: expect.stringContaining('x.js') });
    expect(lines[2]).toMatchObject({ message: 'broke', context: 'Injector' });
    expect(lines[3]).toMatchObject({ message: 'whole', error: { name: 'Error' } });
    expect(lines[4]).toMatchObject({ some: 'thing' });
  });

  it('does not tell of every route at every boot', () => {
    const { log, lines } = aLog('INFO');
    log.log('Mapped {/v1/orders, POST} route', 'RouterExplorer');
    log.log('listening', 'NestApplication');
    expect(lines.map(({ message }) => message)).toEqual(['listening']);
  });

  it('keeps secrets and addresses out of facts, messages and stacks', () => {
    const { log, lines } = aLog();
    const error = Object.assign(new Error('no mail for ada@example.com'), {
      config: { headers: { authorization: 'Bearer canary' } },
      driverError: { parameters: ['canary'] },
    });
    log.error({ message: 'bob@example.com', error, deep: { a: { refreshToken: 'canary', to: 'c@example.com' } } });
    const text = JSON.stringify(lines);
    expect(text).not.toMatch(/canary|@example/);
    expect(lines[0]).toMatchObject({ deep: { a: { refreshToken: '[redacted]', to: '[address]' } } });
  });
});

describe('Alarms', () => {
  it('raises one critical line with its code, which no detail can overwrite', () => {
    const { log, lines } = aLog();
    new Alarms(log).raise('payment-orphaned', { paymentId: 'p-1', alarm: 'other' });
    expect(lines).toEqual([
      expect.objectContaining({ level: 'CRITICAL', alarm: 'payment-orphaned', paymentId: 'p-1' }),
    ]);
  });
});
