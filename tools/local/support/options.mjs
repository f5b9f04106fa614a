import { Failure } from './steps.mjs';

export const USAGE = `npm start [-- --detach --web=N --workers=N --install]   start everything
npm run stop · reset · doctor                            end it · wipe the local data · say what is there
npm run dev                                              start, and again on every change
npm run migrate · migrate:check                          bring the database to this version · say whether it is
npm run ledger:verify                                    say whether the ledger is as it was sealed
npm run keys:rotate                                      a new key for access tokens
npm run why -- <order>                                   what happened to an order, and why it stands where it stands
npm test [paths…] [-- --project=name]                    the whole suite, or part of it
npm run test:pgbouncer                                   the stories again, through PgBouncer
npm run prove [-- name --rounds N --seed N --break=guard]   break the shop on purpose, and count
npm run bench                                            measure`;

/**
 * Reads `--flag` and `--name=number` from the arguments; anything unknown is refused with the usage.
 * @param {string[]} args @param {{ flags?: string[], counts?: Record<string, number> }} known  counts with their defaults
 */
export function readOptions(args, { flags = [], counts = {} }) {
  const options = { flags: new Set(/** @type {string[]} */ ([])), counts: { ...counts } };
  for (const arg of args) {
    const [, name = '', value] = /^--([\w-]+)(?:=(.*))?$/.exec(arg) ?? [];
    if (flags.includes(name) && value === undefined) options.flags.add(name);
    else if (name in counts && /^[1-8]$/.test(value ?? '')) options.counts[name] = Number(value);
    else throw new Failure(`"${arg}" is not understood here.`, { details: USAGE });
  }
  return options;
}
