import type { Client, Reply } from '../../../test/support/client.js';
import type { RunningShop } from '../../../test/support/running-shop.js';
import type { Stage } from '../stage.js';

/** How many reach for the same thing at the same moment. */
export const CROWD = 64;

export interface Arena {
  readonly stage: Stage;
  readonly shop: RunningShop;
  readonly buyers: readonly Client[];
  readonly support: Client;
}

export interface Race {
  /** The one guard that decides it, by its name. */
  readonly guard: string;
  run(arena: Arena): Promise<void>;
}

/** Everybody at once, over both web servers. */
export function crowd<T>(size: number, ask: (index: number, web: number) => Promise<T>, webs: number): Promise<T[]> {
  return Promise.all(Array.from({ length: size }, (_, index) => ask(index, index % webs)));
}

/** What everybody was told in the end, each answer with how often: `201 succeeded`, `409 out-of-stock`. */
export function tally(conversations: readonly (readonly Reply[])[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const replies of conversations) {
    const last = replies.at(-1);
    const words = `${last?.status} ${last?.body.code ?? last?.body.status}`;
    counts[words] = (counts[words] ?? 0) + 1;
  }
  return counts;
}

export function countOf(counts: Readonly<Record<string, number>>, words: RegExp): number {
  return Object.entries(counts).reduce((sum, [told, count]) => (words.test(told) ? sum + count : sum), 0);
}

/** Which of these orders the provider took money for, and how often. */
export async function captured(shop: RunningShop, orderIds: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map(orderIds.map((id) => [id, 0]));
  for (const { metadata } of await shop.sandbox.captures()) {
    const id = metadata['order_id'] ?? '';
    if (counts.has(id)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}
