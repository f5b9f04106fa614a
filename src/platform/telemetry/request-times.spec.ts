import { metricText } from './metric-text.js';
import { RequestTimes } from './request-times.js';

const GET_ORDER = { method: 'GET', route: '/v1/orders/:id' };

function linesOf(times: RequestTimes, part: string): string[] {
  return metricText(times.metrics())
    .split('\n')
    .filter((line) => line.includes(part) && !line.startsWith('#'));
}

describe('RequestTimes', () => {
  it('counts by method, template and status class', () => {
    const times = new RequestTimes();
    for (const status of [200, 201, 404, 503, 'aborted'] as const) times.observe({ ...GET_ORDER, status }, 3);
    expect(linesOf(times, 'requests_total')).toEqual(
      [
        ['2xx', 2],
        ['4xx', 1],
        ['5xx', 1],
        ['aborted', 1],
      ].map(([status, n]) => `purser_http_requests_total{method="GET",route="/v1/orders/:id",status="${status}"} ${n}`),
    );
  });

  it('fills buckets that hold whatever was as fast or faster', () => {
    const times = new RequestTimes();
    for (const ms of [4, 5, 150, 60_000]) times.observe({ ...GET_ORDER, status: 200 }, ms);
    const buckets = linesOf(times, '_bucket').map((line) => Number(line.split(' ').at(-1)));
    expect(buckets).toEqual([2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4]);
    expect(linesOf(times, '_count')[0]).toMatch(/ 4$/);
    expect(Number(linesOf(times, '_sum')[0]?.split(' ').at(-1))).toBeCloseTo(60.159);
  });
});
