const DEPTH_MAX = 3;

/**
 * What may be written of an error: name, message, stack, code, cause. Never its other properties: an SDK's error carries
 * the API key in its headers, a driver's error the values of the row.
 */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? withoutAddresses(error) : `thrown ${typeof error}`;
  const { name, message, stack, cause } = error;
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    name,
    message: withoutAddresses(message),
    stack: stack === undefined ? undefined : withoutAddresses(stack),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(cause !== undefined && depth < DEPTH_MAX ? { cause: describeError(cause, depth + 1) } : {}),
  };
}

const EMAIL = /[\w.+-]+@[\w-]+\.[\w.-]+/g;

function withoutAddresses(text: string): string {
  return text.replace(EMAIL, '[address]');
}
