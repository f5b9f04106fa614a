const DEPTH_MAX = 4;
const MEMBERS_MAX = 50;
const TEXT_MAX_CHARACTERS = 8_000;

/** Names under which requests, configurations and SDK errors carry what nobody may read in a log. */
const SECRET_NAME = /authorization|cookie|password|secret|token|api[-_]?key|headers|parameters|rawbody/i;

/** Bounded at both ends, so that a long text without an address costs no more than its length. */
const ADDRESS = /[^\s@"'`<>()[\]{},;:=/?&]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g;

/** A text as it may be written: cut, and without e-mail addresses. */
export function cleanText(text: string): string {
  const short = text.length > TEXT_MAX_CHARACTERS ? `${text.slice(0, TEXT_MAX_CHARACTERS)}…` : text;
  return short.includes('@') ? short.replace(ADDRESS, '[address]') : short;
}

/**
 * Facts as they may be written: secrets replaced by name, addresses by pattern, errors described, size and depth
 * bounded. Callers log ids and numbers; this is for the day one of them does not.
 */
export function clean(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? '[function]' : value;
  if (value instanceof Error) return describeError(value);
  if (value instanceof Date) return value;
  if (depth >= DEPTH_MAX || ArrayBuffer.isView(value)) return '[object]';
  if (Array.isArray(value)) return value.slice(0, MEMBERS_MAX).map((item) => clean(item, depth + 1));
  return cleanMembers(value, depth);
}

function cleanMembers(object: object, depth: number): object {
  const members = Object.entries(object).slice(0, MEMBERS_MAX);
  return Object.fromEntries(
    members.map(([name, value]) => [name, SECRET_NAME.test(name) ? '[redacted]' : clean(value, depth + 1)]),
  );
}

/**
 * What may be written of an error: name, message, stack, code, cause. Never its other properties: an SDK's error carries
 * the API key in its headers, a driver's error the values of the row.
 */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? cleanText(error) : `thrown ${typeof error}`;
  const { name, message, stack, cause } = error;
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    name,
    message: cleanText(message),
    stack: stack === undefined ? undefined : cleanText(stack),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(cause !== undefined && depth < DEPTH_MAX ? { cause: describeError(cause, depth + 1) } : {}),
  };
}
