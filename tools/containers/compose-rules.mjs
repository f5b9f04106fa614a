/** Exactly these; what else a shop needs stands in front of it. */
const SERVICES = ['migrate', 'postgres', 'redis', 'sandbox', 'web', 'worker'];
/** Run from the Dockerfile of this house. */
const OURS = ['migrate', 'sandbox', 'web', 'worker'];
const ALWAYS_ON = ['postgres', 'redis', 'sandbox', 'web', 'worker'];
const PINNED = /:[\w.-]+@sha256:[0-9a-f]{64}$/;
const GRACE = '30s';

/** @typedef {Record<string, any>} Service */

/**
 * What is wrong with the compose file of this house: a sentence each.
 * @param {{ services: Record<string, Service> }} compose @param {Set<string>} variables those the product reads
 * @returns {string[]}
 */
export function complaintsAboutCompose({ services }, variables) {
  const names = Object.keys(services).sort();
  const each = (/** @type {string[]} */ which, /** @type {(service: Service) => (string | false)[]} */ rule) =>
    which.flatMap((name) =>
      rule(services[name] ?? {})
        .filter((text) => text !== false)
        .map((text) => `${name}: ${text}`),
    );
  return [
    ...(names.join() === SERVICES.join()
      ? []
      : [`the services are ${names.join(', ')}; they should be ${SERVICES.join(', ')}`]),
    ...(services.web?.deploy?.replicas === 2 ? [] : ['web: two of it show that nothing is kept in one']),
    ...each(OURS, hardening),
    ...each(['postgres', 'redis'], (service) => [
      !PINNED.test(service.image ?? '') && 'its image is not pinned by tag and digest',
      !service.healthcheck && 'whoever waits for it needs a health check',
    ]),
    ...each(ALWAYS_ON, (service) => [service.stop_grace_period !== GRACE && `it needs ${GRACE} to end`]),
    ...each(names, (service) =>
      (service.ports ?? []).map(
        (/** @type {string} */ port) => !String(port).startsWith('127.0.0.1:') && `port ${port} is open to the network`,
      ),
    ),
    ...each(['web', 'worker', 'migrate'], (service) => [
      service.environment?.APP_ENV !== 'local' && 'APP_ENV is not local, and its secrets are public',
      ...Object.keys(service.environment ?? {}).map(
        (name) => !variables.has(name) && `the product does not read ${name}`,
      ),
    ]),
  ];
}

/** @param {Service} service @returns {(string | false)[]} */
function hardening(service) {
  return [
    service.read_only !== true && 'its file system is not read-only',
    service.init !== true && 'it has no init as process 1',
    !service.cap_drop?.includes('ALL') && 'it keeps capabilities',
    !service.security_opt?.includes('no-new-privileges:true') && 'it can gain privileges',
    !service.build?.target && 'it is not built from the Dockerfile',
    service.privileged === true && 'it is privileged',
    service.network_mode === 'host' && 'it shares the network of the machine',
  ];
}
