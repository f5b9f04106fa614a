import type { Config } from '../../src/platform/config/config.js';
import { ProviderGuards } from '../../src/platform/resilience/provider-guards.js';
import { Alarms } from '../../src/platform/telemetry/alarms.js';
import { Log } from '../../src/platform/telemetry/log.js';

/** For desks whose stories lose one answer after the other: the breaker has stories of its own. */
export const NEVER_OPENS = { PROVIDER_FAILURES_TO_OPEN: '1000000' };

/** The guards of one process, as its composition makes them. */
export function guardsOf(config: Config, alarms = new Alarms(new Log(config))): ProviderGuards {
  return new ProviderGuards(config, alarms, new Log(config));
}
