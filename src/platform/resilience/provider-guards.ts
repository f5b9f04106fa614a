import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Alarms } from '../telemetry/alarms.js';
import { Log } from '../telemetry/log.js';
import type { Metric, MetricSource } from '../telemetry/metric-text.js';
import { ProviderGuard } from './provider-guard.js';
import { type Provider, PROVIDERS } from './providers.js';

/** One guard per provider and process: a provider's silence is nobody else's. */
@Injectable()
export class ProviderGuards implements MetricSource {
  private readonly byProvider: Readonly<Record<Provider, ProviderGuard>>;

  constructor(@Inject(CONFIG) config: Config, alarms: Alarms, log: Log) {
    const limits = {
      failuresToOpen: config.PROVIDER_FAILURES_TO_OPEN,
      restMs: config.PROVIDER_REST_MS,
      callsMax: config.PROVIDER_CALLS_MAX,
      queueMax: config.PROVIDER_QUEUE_MAX,
    };
    const guard = (provider: Provider) => new ProviderGuard({ provider, limits, alarms, log });
    this.byProvider = { stripe: guard('stripe'), sendgrid: guard('sendgrid') };
  }

  for(provider: Provider): ProviderGuard {
    return this.byProvider[provider];
  }

  metrics(): Metric[] {
    return [
      {
        name: 'purser_provider_up',
        type: 'gauge',
        help: 'Whether this process calls the provider: 0 after too many calls in a row without an answer.',
        samples: this.samples(({ isAnswering }) => Number(isAnswering)),
      },
      {
        name: 'purser_provider_calls_not_made_total',
        type: 'counter',
        help: 'Calls that were put off because the provider was silent or too many were under way.',
        samples: this.samples(({ callsNotMade }) => callsNotMade),
      },
    ];
  }

  private samples(valueOf: (guard: ProviderGuard) => number) {
    return PROVIDERS.map((provider) => ({ labels: { provider }, value: valueOf(this.for(provider)) }));
  }
}
