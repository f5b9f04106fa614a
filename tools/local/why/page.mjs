import { reasonsOf } from './reasons.mjs';

const TIME_WIDTH = 24;
const WHAT_WIDTH = 34;

/** The whole answer as text, one line per thing that happened. @param {import('./history.mjs').History} history */
export function pageOf(history) {
  const { order, entries } = history;
  const { id, status, totalAmount, currency } = order;
  return [
    `Order ${id}: ${status}, ${totalAmount} ${currency} (in the smallest unit)`,
    '',
    `  ${'when (UTC)'.padEnd(TIME_WIDTH)}  ${'what'.padEnd(WHAT_WIDTH)}  how, and by which request`,
    ...entries.map(lineOf),
    '',
    ...reasonsOf(history).map((reason) => `→ ${reason}`),
  ].join('\n');
}

/** Errors have line ends; a line of the table has none. @param {import('./history.mjs').Entry} entry */
function lineOf({ at, what, how, request }) {
  const detail = `${how}${request ? ` [${request}]` : ''}`.replace(/\s+/g, ' ');
  return `  ${at.toISOString().padEnd(TIME_WIDTH)}  ${what.padEnd(WHAT_WIDTH)}  ${detail}`;
}
