import type { Config } from '../../config/config.js';
import { inlinePage, type InlinePage } from './inline-page.js';

const PARTS = { database: 'Database', migrations: 'Tables', lifecycle: 'Process', redis: 'Redis', worker: 'Worker' };

const SCRIPT = `
const EVERY_MS = 2000;
const overall = document.getElementById('health');
const parts = document.querySelectorAll('dd[data-part]');

function say(element, state, text) {
  element.dataset.state = state;
  if (element.textContent !== text) element.textContent = text;
}

async function look() {
  try {
    const reply = await fetch('/health/ready', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    const { details } = await reply.json();
    const isWhole = Object.values(details).every(({ status }) => status === 'up');
    if (reply.ok) say(overall, isWhole ? 'up' : 'degraded', isWhole ? 'Ready' : 'Ready, with something missing');
    else say(overall, 'down', 'Not ready');
    for (const part of parts) {
      const { status, message } = details[part.dataset.part] ?? { status: 'unknown' };
      say(part, status, message ? status + ': ' + message : status);
    }
  } catch {
    say(overall, 'down', 'The server does not answer');
    for (const part of parts) say(part, 'unknown', 'unknown');
  }
}

(async () => {
  for (;;) {
    if (!document.hidden) await look();
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
})();
`;

/** Where things are, and how they are right now. */
export function rootPage({ SENDGRID_API_URL, STRIPE_API_URL }: Config): InlinePage {
  const links = [
    link('/docs', 'API documentation', 'try every route here, in the browser'),
    link('/docs-json', 'OpenAPI document', 'for generators'),
    link('/v1/products', 'Products', 'what is for sale, as JSON'),
    link('/health/ready', 'Health', 'what the probes see'),
    link('/login', 'Log in', 'with a browser, by cookie'),
    link('/admin/queues', 'Queue board', 'the work in the queues, for admins who are logged in'),
    SENDGRID_API_URL ? link(`${SENDGRID_API_URL}/mailbox`, 'Mailbox', 'every mail the shop has sent') : '',
    STRIPE_API_URL ? link(`${STRIPE_API_URL}/checkout`, 'Checkout', 'confirm a card payment, as Stripe.js does') : '',
  ];
  const rows = Object.entries(PARTS).map(([part, name]) => `<dt>${name}</dt><dd data-part="${part}">…</dd>`);
  const body = `<h1>Purser</h1>
<p class="quiet">The backend of a shop’s money: accounts, orders, payments, and the mail that tells of them.</p>
<section aria-labelledby="now">
<h2 id="now">Right now</h2>
<strong id="health" role="status" data-state="unknown">Asking…</strong>
<dl>${rows.join('')}</dl>
</section>
<section aria-labelledby="places">
<h2 id="places">Places</h2>
<ul>${links.join('')}</ul>
</section>`;
  return inlinePage({ title: 'Purser', body, script: SCRIPT });
}

function link(href: string, name: string, what: string): string {
  return `<li><a href="${href}">${name}</a> <span class="quiet">${what}</span></li>`;
}
