import { InvalidRequest } from '../../shared/errors.js';
import { JsonTooDeep } from './http.errors.js';

export const JSON_DEPTH_MAX = 32;
/** Members and elements of one body. Validation takes about 30 µs for each that is unknown. */
export const JSON_MEMBERS_MAX = 1_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENS = new Set([0x7b, 0x5b]);
const CLOSES = new Set([0x7d, 0x5d]);
const UNICODE_ESCAPE = 0x75;
/** `\u0000`, without the backslash. */
const ESCAPE_LENGTH = 5;

/**
 * Looks at the bytes of a JSON text before it is parsed. Express parses 20,000 levels, and whatever walks the result
 * overflows; PostgreSQL stores neither U+0000 nor half a surrogate pair, and would make our fault of it.
 * @throws JsonTooDeep, InvalidRequest
 */
export function refuseHarmful(body: Buffer): void {
  let depth = 0;
  let commas = 0;
  let isInString = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] ?? 0;
    if (byte === QUOTE) isInString = !isInString;
    else if (isInString) at += byte === BACKSLASH ? escapeLength(body, at + 1) : 0;
    else if (OPENS.has(byte)) depth++;
    else if (CLOSES.has(byte)) depth--;
    else if (byte === COMMA) commas++;
    if (depth > JSON_DEPTH_MAX) throw new JsonTooDeep(`A body may be nested ${JSON_DEPTH_MAX} levels deep.`);
  }
  if (commas >= JSON_MEMBERS_MAX) throw refused(`a body may have ${JSON_MEMBERS_MAX} members and elements`);
}

/** How many bytes after the backslash belong to the escape. What is no escape at all is left to the parser. */
function escapeLength(body: Buffer, at: number): number {
  if (body[at] !== UNICODE_ESCAPE) return 1;
  const unit = codeUnit(body, at);
  if (unit === 0) throw refused('a text may not contain the character U+0000');
  if (isLow(unit)) throw refused('a text may not contain half a surrogate pair');
  if (!isHigh(unit)) return ESCAPE_LENGTH;
  const next = at + ESCAPE_LENGTH;
  const isPair = body[next] === BACKSLASH && body[next + 1] === UNICODE_ESCAPE && isLow(codeUnit(body, next + 1));
  if (!isPair) throw refused('a text may not contain half a surrogate pair');
  return 2 * ESCAPE_LENGTH + 1;
}

/** NaN when the four characters are not hexadecimal. */
function codeUnit(body: Buffer, at: number): number {
  return Number(`0x${body.toString('latin1', at + 1, at + ESCAPE_LENGTH)}`);
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function refused(detail: string): InvalidRequest {
  return new InvalidRequest([{ pointer: '#', detail }]);
}
