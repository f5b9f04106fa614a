const EVERY_MS = 40;
const TIMEOUT_MS = 30_000;

export interface Patience {
  /** What is waited for, as the failure tells it. */
  readonly what: string;
  readonly timeoutMs?: number;
  /** What to add to the failure: how things stand, the last lines of a log. */
  readonly explain?: () => Promise<string> | string;
}

type Falsy = false | 0 | '' | null | undefined;
export type Condition<T> = () => Promise<T | Falsy> | T | Falsy;

/** Asks again and again until `condition` gives something truthy. An error counts as "not yet" and is told at the end. */
export async function waitUntil<T>(
  condition: Condition<T>,
  { what, timeoutMs = TIMEOUT_MS, explain }: Patience,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const outcome = await attempt(condition);
    if (outcome.value) return outcome.value;
    if (Date.now() >= end) {
      const error = outcome.error ? `\nlast error: ${outcome.error}` : '';
      const more = explain ? `\n${await explain()}` : '';
      throw new Error(`Waited ${timeoutMs} ms for ${what}.${error}${more}`);
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

async function attempt<T>(condition: Condition<T>): Promise<{ value?: T | Falsy; error?: string }> {
  try {
    return { value: await condition() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
