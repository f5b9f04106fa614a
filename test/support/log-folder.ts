import { join } from 'node:path';
import { harness } from './harness.js';

let story = 'shop';

/** Names what runs in this process, so that its logs are found and a later run replaces them. */
export function nameStory(name: string): void {
  story = name;
}

/** Where the shop of this number writes its logs. */
export function logFolder(number: number): string {
  return join(harness().stateDir, 'logs', 'e2e', `${story}-${number}`);
}
