const NAMESPACE = /^[a-z0-9-]+(:[A-Za-z0-9-]+)*$/;
const ANYTHING_BELOW = /:\*$/;

/** The patterns that take in a namespace, itself last: `user:42` is one of `user:*` and of `user:42`. */
export function patternsOf(namespace: string): string[] {
  if (!NAMESPACE.test(namespace)) throw new RangeError(`${namespace} is not a namespace of the cache`);
  const parts = namespace.split(':');
  const above = parts.slice(1).map((_part, index) => `${parts.slice(0, index + 1).join(':')}:*`);
  return [...above, namespace];
}

/** Refuses what no namespace can match: invalidating it would do nothing, silently. */
export function refuseUselessPattern(pattern: string): void {
  if (!NAMESPACE.test(pattern.replace(ANYTHING_BELOW, ''))) throw new RangeError(`${pattern} matches no namespace`);
}
