import { metricText, single } from './metric-text.js';

describe('metricText', () => {
  it('writes help, type, and a line per sample', () => {
    const samples = [{ value: 3 }, { labels: { route: '/v1/orders/:id', status: '2xx' }, value: 0.25 }];
    expect(metricText([{ name: 'purser_things', help: 'Things.', type: 'gauge', samples }])).toBe(
      '# HELP purser_things Things.\n# TYPE purser_things gauge\n' +
        'purser_things 3\npurser_things{route="/v1/orders/:id",status="2xx"} 0.25\n',
    );
  });

  it('escapes what would end a line or a label too early', () => {
    const samples = [{ labels: { code: 'a"b\\c\nd' }, value: 1 }];
    const text = metricText([{ name: 'x', help: 'one\ntwo \\ three', type: 'counter', samples }]);
    expect(text).toBe('# HELP x one\\ntwo \\\\ three\n# TYPE x counter\nx{code="a\\"b\\\\c\\nd"} 1\n');
  });

  it('writes numbers that are none as Prometheus reads them', () => {
    const values = [Number.NaN, Infinity, -Infinity].map((value) => single('gauge', 'x', { help: '', value }));
    expect(metricText(values).match(/^x .*/gm)).toEqual(['x NaN', 'x +Inf', 'x -Inf']);
  });

  it('ends every line, and writes nothing for nothing', () => {
    expect(metricText([])).toBe('');
    expect(metricText([single('counter', 'x', { help: 'X.', value: 0 })]).endsWith('x 0\n')).toBe(true);
  });
});
