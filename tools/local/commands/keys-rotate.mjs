import { localSecrets } from '../environment.mjs';
import { rotation } from '../keys.mjs';
import { updateState } from '../stack-file.mjs';
import { say } from '../support/steps.mjs';

/** The product's own default. */
const FIRST_ID = 'k1';

/**
 * Makes a new key for access tokens. With JWT_SECRET exported it prints the settings to roll out, and keeps none of them; else
 * it changes the key of this folder's stack, and prints no key.
 * @param {{ stateDir: string, given: NodeJS.ProcessEnv }} context
 */
export async function keysRotate({ stateDir, given }) {
  if (given.JWT_SECRET) sayRollout(rotation({ secret: given.JWT_SECRET, id: given.JWT_KEY_ID || FIRST_ID }));
  else rotateHere(stateDir);
  return 0;
}

/** @param {ReturnType<typeof rotation>} settings */
function sayRollout({ announced, signing, alone }) {
  say('# 1. Every server learns the new key. With a single server, begin with 2.');
  say(lines(announced));
  say('\n# 2. The new key signs, the old one still verifies.');
  say(lines(signing));
  say('\n# 3. When ACCESS_TOKEN_TTL_SECONDS have passed: unset JWT_SECRET_PREVIOUS and JWT_KEY_ID_PREVIOUS.');
  say(lines(alone));
}

/** One process at a time signs here, so nobody has to be told beforehand. @param {string} stateDir */
function rotateHere(stateDir) {
  const secrets = /** @type {Record<string, string>} */ (localSecrets(stateDir));
  const { signing } = rotation({ secret: secrets.JWT_SECRET ?? '', id: secrets.JWT_KEY_ID ?? FIRST_ID });
  updateState(stateDir, { secrets: { ...secrets, ...signing } });
  say(
    `The next \`npm start\` signs with ${signing.JWT_KEY_ID}, and still takes tokens of ${signing.JWT_KEY_ID_PREVIOUS}.`,
  );
}

/** @param {Record<string, string>} keys */
function lines(keys) {
  return Object.entries(keys)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}
