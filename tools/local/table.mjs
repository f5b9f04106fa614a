import path from 'node:path';
import { realProviders } from './environment.mjs';
import { writeFile } from './support/files.mjs';
import { say } from './support/steps.mjs';

/**
 * Prints what runs and how to try it, for somebody who sees it for the first time, and writes the purchase as a script.
 * @param {import('./stack-file.mjs').Stack} stack
 * @param {{ stateDir: string, root: string, given: NodeJS.ProcessEnv }} context
 */
export function printTable(stack, { stateDir, root, given }) {
  const script = path.join(stateDir, 'buy.sh');
  const lines = purchase(stack);
  writeFile(script, ['#!/usr/bin/env bash', 'set -euo pipefail', ...lines, ''].join('\n'), 0o700);
  say();
  for (const [name, value] of rows(stack, given)) say(`  ${name.padEnd(14)} ${value}`);
  say(`  ${'Logs'.padEnd(14)} ${path.relative(root, path.join(stateDir, 'logs'))}${path.sep}`);
  say('\n  Logins');
  for (const { role, email, password } of stack.logins) say(`  ${role.padEnd(14)} ${email.padEnd(22)} ${password}`);
  say(`\n  Buy something: paste these lines, or run  bash ${path.relative(root, script)}\n`);
  for (const line of lines) say(line);
  say();
}

/** @param {import('./stack-file.mjs').Stack} stack @param {NodeJS.ProcessEnv} given @returns {[string, string][]} */
function rows(stack, given) {
  const real = realProviders(given);
  const more = (/** @type {string[]} */ urls) => (urls.length > 1 ? `   and ${urls.slice(1).join(', ')}` : '');
  /** @type {[string, string][]} */
  const table = [
    ['API', `${stack.api}/v1${more(stack.apis)}`],
    ['Swagger', stack.docs],
    ['Health', `${stack.api}/health/ready`],
    ['Worker health', `${stack.worker}/health/ready${more(stack.workers)}`],
    ['Queue board', `${stack.api}/admin/queues   (as admin, after ${stack.api}/login)`],
    ['Mailbox', real.sendgrid ? 'none: mail goes out through SendGrid' : stack.mailbox],
    ['Checkout', real.stripe ? 'none: Stripe.js is on your own pages' : `${stack.sandbox}/checkout`],
    ['Database', stack.pids.postgres ? stack.databaseUrl : withoutPassword(stack.databaseUrl)],
    ['Redis', stack.pids.redis ? stack.redisUrl : withoutPassword(stack.redisUrl)],
    [
      'Payments',
      real.stripe ? 'Stripe, with your STRIPE_SECRET_KEY' : `sandbox at ${stack.sandbox} (no card is charged)`,
    ],
    ['E-mail', real.sendgrid ? 'SendGrid, with your SENDGRID_API_KEY' : 'sandbox (nothing leaves this machine)'],
  ];
  if (real.stripe)
    table.push(['Webhooks', `point Stripe at ${stack.api}/v1/webhooks/stripe and export STRIPE_WEBHOOK_SECRET`]);
  return table;
}

/** The password of a server that is not ours is nobody's to show. @param {string} url */
function withoutPassword(url) {
  const shown = new URL(url);
  if (shown.password) shown.password = '***';
  return shown.toString();
}

/**
 * Shell lines that log in, list products, order one, pay it and read it. No comments in them, because an interactive zsh
 * takes none, and nothing but curl and the Node that runs this.
 * @param {import('./stack-file.mjs').Stack} stack
 */
export function purchase({ api, logins }) {
  const customer = logins.find(({ role }) => role === 'user') ?? { email: '', password: '' };
  const take = (/** @type {string} */ field) => `node -pe 'JSON.parse(require("fs").readFileSync(0))${field}'`;
  const json = "-H 'Content-Type: application/json'";
  const once = (/** @type {string} */ what) => `-H "Idempotency-Key: ${what}-$(date +%s)-$RANDOM$RANDOM"`;
  const login = shellQuoted(JSON.stringify({ email: customer.email, password: customer.password }));
  return [
    `API=${api}/v1`,
    `TOKEN=$(curl -sS --fail-with-body $API/auth/login ${json} -d ${login} | ${take('.accessToken')})`,
    `PRODUCT=$(curl -sS --fail-with-body "$API/products?limit=1" | ${take('.data[0].id')})`,
    `ORDER=$(curl -sS --fail-with-body $API/orders -H "Authorization: Bearer $TOKEN" ${json} ${once('order')} -d '{"items":[{"productId":"'$PRODUCT'","quantity":1}]}' | ${take('.id')})`,
    `curl -sS --fail-with-body $API/orders/$ORDER/payments -H "Authorization: Bearer $TOKEN" ${json} ${once('payment')} -d '{"paymentMethod":"card","paymentMethodId":"pm_card_visa"}'; echo`,
    `curl -sS --fail-with-body $API/orders/$ORDER -H "Authorization: Bearer $TOKEN"; echo`,
  ];
}

/** @param {string} text */
function shellQuoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
