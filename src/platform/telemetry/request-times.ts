import { Injectable } from '@nestjs/common';
import type { Metric, MetricSource, Sample } from './metric-text.js';

/** In seconds; 0.2 is the promise for 95 % of all requests. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10];

/** What is answered, by whom, and how: a status class such as `2xx`, or `aborted` when the client had gone. */
export interface Answered {
  readonly method: string;
  /** Its template: a path would make a line per order. */
  readonly route: string;
  readonly status: number | 'aborted';
}

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly buckets: number[];
  seconds: number;
  count: number;
}

/** Rate, errors and durations of this process' requests. Buckets add up over servers, ready-made quantiles would not. */
@Injectable()
export class RequestTimes implements MetricSource {
  private readonly series = new Map<string, Series>();

  observe({ method, route, status }: Answered, milliseconds: number): void {
    const group = status === 'aborted' ? status : `${Math.floor(status / 100)}xx`;
    const key = `${method} ${route} ${group}`;
    let known = this.series.get(key);
    if (!known) {
      known = { labels: { method, route, status: group }, buckets: BUCKETS.map(() => 0), seconds: 0, count: 0 };
      this.series.set(key, known);
    }
    const seconds = milliseconds / 1_000;
    const index = BUCKETS.findIndex((bound) => seconds <= bound);
    if (index >= 0) known.buckets[index] = (known.buckets[index] ?? 0) + 1;
    known.seconds += seconds;
    known.count += 1;
  }

  metrics(): Metric[] {
    const all = [...this.series.values()];
    const totals = all.map(({ labels, count }) => ({ labels, value: count }));
    return [
      { name: 'purser_http_requests_total', type: 'counter', help: 'Requests answered.', samples: totals },
      {
        name: 'purser_http_request_duration_seconds',
        type: 'histogram',
        help: 'Time from the first byte read to the last one written.',
        samples: all.flatMap(histogramOf),
      },
    ];
  }
}

function histogramOf({ labels, buckets, seconds, count }: Series): Sample[] {
  let below = 0;
  const bounded = BUCKETS.map((bound, index) => {
    below += buckets[index] ?? 0;
    return { suffix: '_bucket', labels: { ...labels, le: String(bound) }, value: below };
  });
  return [
    ...bounded,
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
    { suffix: '_sum', labels, value: seconds },
    { suffix: '_count', labels, value: count },
  ];
}
