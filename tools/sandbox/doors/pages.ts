import type { Charge, Intent, Message } from '../core/records.js';
import type { World } from '../core/world.js';
import { spoken } from '../stripe/amounts.js';
import { embedded, escaped, page } from './page.js';

const MESSAGES_SHOWN = 200;

export function mailboxPage(world: World, to: string | null): string {
  const wanted = (to ?? '').trim().toLowerCase();
  const messages: Message[] = [];
  for (const message of world.store.tables.messages.newestFirst()) {
    if (wanted !== '' && !message.to.toLowerCase().includes(wanted)) continue;
    messages.push(message);
    if (messages.length >= MESSAGES_SHOWN) break;
  }
  const body = `<header>
<h1>Mailbox</h1>
<form method="get" action="/mailbox">
<label>Address <input type="search" name="to" value="${escaped(to ?? '')}" placeholder="part of an address"></label>
<button>Show</button>
</form>
<p class="quiet" role="status">${counted(messages.length)}, newest first; this page looks for new ones by itself.</p>
</header>
<main id="messages">
${messages.map(messageCard).join('\n') || '<p class="empty">Nothing has been sent here yet.</p>'}
</main>`;
  return page({ title: 'Mailbox', body, script: REFRESH });
}

function counted(count: number): string {
  if (count === MESSAGES_SHOWN) return `The newest ${count} messages`;
  return count === 1 ? '1 message' : `${count} messages`;
}

function messageCard(message: Message): string {
  const text = message.text === '' ? '' : `<h2>Text</h2><pre>${escaped(message.text)}</pre>`;
  const frame = `<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="${escaped(message.subject)}" loading="lazy" srcdoc="${escaped(`<base target="_blank">${message.html}`)}"></iframe>`;
  const headers = Object.entries(message.headers).map(([name, value]) => `${name}: ${value}`);
  return `<details id="${message.id}">
<summary><strong>${escaped(message.subject)}</strong><span>${escaped(message.to)}</span><time datetime="${message.at}">${escaped(message.at.replace('T', ' ').slice(0, 19))} UTC</time></summary>
<p class="quiet">from ${escaped(message.from)}</p>
${message.html === '' ? '' : frame}
${text}
<h2>Headers</h2><pre>${escaped(headers.join('\n'))}</pre>
</details>`;
}

/** Fetches the page again and swaps the list, unless somebody is reading a message or typing. */
const REFRESH = `
const list = document.getElementById('messages');
setInterval(async () => {
  if (document.hidden || list.querySelector('details[open]') || document.activeElement?.name === 'to') return;
  try {
    const reply = await fetch(location.href);
    const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html').getElementById('messages');
    if (fresh && fresh.innerHTML !== list.innerHTML) list.innerHTML = fresh.innerHTML;
  } catch { /* the sandbox is being restarted */ }
}, 2000);
document.getElementById(location.hash.slice(1))?.setAttribute('open', '');
`;

/** The bank's question to the customer, as 3-D Secure would show it. */
export function authenticatePage(intent: Intent): string {
  const amount = spoken(intent.amount, intent.currency);
  const isAsked = intent.status === 'requires_action';
  const question = isAsked
    ? `<p>Your bank wants to know whether it is you who pays <strong>${escaped(amount)}</strong>.</p>
<p class="buttons"><button id="complete">Complete</button> <button id="fail" class="second">Fail</button></p>`
    : `<p>Nothing to answer: this payment is <strong>${escaped(intent.status.replaceAll('_', ' '))}</strong>.</p>`;
  const body = `<main class="card"><h1>Confirm your payment</h1>${question}<p class="quiet" role="status" id="said">${escaped(intent.id)}</p></main>`;
  const known = { id: intent.id, secret: intent.secret, returnUrl: intent.returnUrl };
  return page({ title: 'Confirm your payment', body, script: `const intent = ${embedded(known)};${ANSWER}` });
}

/** Goes back with the parameters Stripe adds to the return address. */
const ANSWER = `
async function answer(succeed) {
  for (const button of document.querySelectorAll('button')) button.disabled = true;
  const reply = await fetch('/_sandbox/payment-intents/' + intent.id + '/authenticate', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ succeed }),
  });
  const result = await reply.json();
  if (!intent.returnUrl || !reply.ok) {
    document.getElementById('said').textContent = reply.ok ? 'The payment is now ' + result.status + '.' : result.message;
    return;
  }
  const back = new URL(intent.returnUrl);
  back.searchParams.set('payment_intent', intent.id);
  back.searchParams.set('payment_intent_client_secret', intent.secret);
  back.searchParams.set('redirect_status', result.status === 'requires_payment_method' ? 'failed' : 'succeeded');
  location.assign(back);
}
document.getElementById('complete')?.addEventListener('click', () => answer(true));
document.getElementById('fail')?.addEventListener('click', () => answer(false));
`;

export function receiptPage(charge: Charge): string {
  const paid = escaped(spoken(charge.amountCaptured, charge.currency));
  const returned =
    charge.amountRefunded > 0 ? `<p>Given back: ${escaped(spoken(charge.amountRefunded, charge.currency))}</p>` : '';
  const body = `<main class="card"><h1>Receipt</h1><p>Paid: <strong>${paid}</strong></p>${returned}<p class="quiet">${escaped(charge.id)}</p></main>`;
  return page({ title: 'Receipt', body });
}
