import fs from 'node:fs';
import path from 'node:path';

/** What no log may hold. The last ones are the logins of the tests and of the demonstration shop. */
const SECRETS = {
  'an e-mail address': /[\w.+-]+@[\w-]+\.[\w.]+/,
  'an access token': /\beyJ[\w-]{5,}\.eyJ[\w-]{5,}\./,
  'a refresh token': /\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\.\d+\.[\w-]{40,}/,
  'a mailed link': /[?&]token=[\w.%-]{10}/,
  'a key of Stripe': /\b(sk|rk|whsec)_[A-Za-z0-9_]{8}|\bpi_\w+_secret_\w+/,
  'a key of SendGrid': /\bSG\.[\w-]{8}/,
  'a card number': /\b(?:4\d{3}|5[1-5]\d{2}|3[47]\d{2})[ -]?\d{4}[ -]?\d{4}[ -]?\d{3,4}\b/,
  'a password hash': /\$argon2/,
  'a password': /purser-(test|demo)-2026|canary-[0-9a-f]{8}/,
  'a connection with its password': /\b(?:postgres(?:ql)?|rediss?):\/\/[^\s/:@]*:[^\s@]+@/,
};

/** Logs of the product itself; the stand-in providers see mails and keys, as real ones do. */
const OURS = /^(web|worker)(-\d+)?\.log$/;

/**
 * Every line of the product's logs below a folder that holds what it must not: where, and what kind. Never the line itself.
 * @param {string} folder @param {{ since?: number }} [options] only files written to since this time, in ms
 * @returns {{ files: number, leaks: { file: string, line: number, what: string }[] }}
 */
export function leaksIn(folder, { since = 0 } = {}) {
  const files = fs.existsSync(folder) ? logsBelow(folder).filter((file) => fs.statSync(file).mtimeMs >= since) : [];
  return { files: files.length, leaks: files.flatMap(leaksOf) };
}

/** @param {string} folder */
function logsBelow(folder) {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => OURS.test(entry.name)).map((entry) => path.join(entry.parentPath, entry.name));
}

/** @param {string} file */
function leaksOf(file) {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((text, index) => kindsIn(text).map((what) => ({ file, line: index + 1, what })));
}

/** What of all this a text holds. @param {string} text */
export function kindsIn(text) {
  return Object.entries(SECRETS).flatMap(([what, pattern]) => (pattern.test(text) ? [what] : []));
}
