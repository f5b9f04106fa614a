import { Injectable } from '@nestjs/common';
import { Log } from './log.js';
import type { Metric, MetricSource } from './metric-text.js';

/** Somebody has to look, now: one CRITICAL line with a stable code. Whoever is paged greps for `"alarm"`. */
@Injectable()
export class Alarms implements MetricSource {
  private readonly counts = new Map<string, number>();

  constructor(private readonly log: Log) {}

  raise(code: string, detail: Readonly<Record<string, unknown>>): void {
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
    this.log.critical({ ...detail, message: `alarm: ${code}`, alarm: code });
  }

  metrics(): Metric[] {
    const samples = [...this.counts].map(([code, value]) => ({ labels: { code }, value }));
    return [{ name: 'purser_alarms_total', type: 'counter', help: 'Alarms raised by this process.', samples }];
  }
}
