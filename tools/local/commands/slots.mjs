import path from 'node:path';
import { tryLock } from '../support/files.mjs';
import { Failure } from '../support/steps.mjs';

const SIDE_BY_SIDE_MAX = 16;

/** A state folder of one's own: a second run of the same command at the same time takes the next one. @param {string} base @param {string} name */
export function takeSlot(base, name) {
  for (let number = 1; number <= SIDE_BY_SIDE_MAX; number++) {
    const stateDir = path.join(base, number === 1 ? name : `${name}-${number}`);
    const lock = tryLock(`${stateDir}.lock`);
    if ('release' in lock) return { stateDir, release: lock.release };
  }
  throw new Failure(`${SIDE_BY_SIDE_MAX} runs of "npm run ${name}" are under way in this folder.`, {
    mend: 'wait for one to end',
  });
}
