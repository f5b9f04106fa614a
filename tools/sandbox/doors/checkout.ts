import { page } from './page.js';

const CARDS = [
  ['pm_card_visa', 'Visa 4242: pays'],
  ['pm_card_mastercard', 'Mastercard 4444: pays'],
  ['pm_card_authenticationRequired', 'Visa 3184: the bank asks first (3-D Secure)'],
  ['pm_card_chargeDeclined', 'Visa 0002: is declined'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'Visa 9995: has insufficient funds'],
];

const BODY = `<main class="card">
<h1>Pay by card</h1>
<p id="amount" class="amount" hidden></p>
<p id="said" role="status">Asking for the payment…</p>
<form id="secret" method="get" action="/checkout" hidden>
<label>Client secret <input name="client_secret" required pattern="pi_.+_secret_.+" placeholder="pi_…_secret_…" autocomplete="off"></label>
<button>Open</button>
</form>
<form id="pay" hidden>
<label>Test card <select name="card">${CARDS.map(([name, label]) => `<option value="${name}">${label}</option>`).join('')}</select></label>
<button>Pay</button>
</form>
<p id="bank" hidden><a class="button" href="#">Continue to the bank</a></p>
<p class="quiet" id="intent"></p>
</main>`;

/**
 * Does what Stripe.js does on a shop's page: with a publishable key and the client secret it reads the intent and
 * confirms it, sends the customer to the bank where that asks, and then back to the shop.
 */
const SCRIPT = `
const query = new URLSearchParams(location.search);
const secret = query.get('client_secret') ?? query.get('payment_intent_client_secret') ?? '';
const intentId = secret.split('_secret_')[0];
const returnUrl = query.get('return_url');
const find = (id) => document.getElementById(id);
const WORDS = {
  succeeded: 'Paid. Thank you.',
  requires_capture: 'Reserved: the shop takes the money when it delivers.',
  requires_action: 'Your bank wants to ask you something.',
  processing: 'Your bank is working on it.',
  canceled: 'This payment was cancelled. Nothing was taken.',
};

async function stripe(method, verb, fields = {}) {
  const form = new URLSearchParams({ ...fields, client_secret: secret, key: 'pk_test_sandbox' });
  const address = '/v1/payment_intents/' + encodeURIComponent(intentId) + verb;
  const reply = await (method === 'GET' ? fetch(address + '?' + form) : fetch(address, { method, body: form }));
  const body = await reply.json();
  return body.error ? { intent: body.error.payment_intent, message: body.error.message } : { intent: body };
}

function backTo(address, intent) {
  const back = new URL(address);
  back.searchParams.set('payment_intent', intent.id);
  back.searchParams.set('payment_intent_client_secret', secret);
  back.searchParams.set('redirect_status', 'succeeded');
  location.assign(back);
}

function show({ intent, message }) {
  const isOpen = ['requires_payment_method', 'requires_confirmation'].includes(intent?.status);
  find('pay').hidden = !isOpen;
  find('said').textContent = message ?? intent?.last_payment_error?.message ?? WORDS[intent?.status] ?? 'Choose a card.';
  if (!intent) return;
  const { maximumFractionDigits: digits } = new Intl.NumberFormat('en', { style: 'currency', currency: intent.currency }).resolvedOptions();
  const money = new Intl.NumberFormat('en', { style: 'currency', currency: intent.currency });
  find('amount').textContent = money.format(intent.amount / 10 ** digits);
  find('amount').hidden = false;
  find('intent').textContent = intent.id;
  const asks = intent.next_action;
  find('bank').hidden = !asks;
  if (asks) find('bank').firstElementChild.href = asks.redirect_to_url?.url ?? asks.use_stripe_sdk.stripe_js;
}

find('pay').addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = event.target.querySelector('button');
  button.disabled = true;
  const here = location.origin + '/checkout';
  const fields = { payment_method: event.target.card.value, return_url: returnUrl ?? here };
  try {
    const result = await stripe('POST', '/confirm', fields);
    const { status, next_action: asks } = result.intent ?? {};
    if (asks?.redirect_to_url) location.assign(asks.redirect_to_url.url);
    else if (returnUrl && ['succeeded', 'requires_capture'].includes(status)) backTo(returnUrl, result.intent);
    else show(result);
  } catch {
    show({ intent: null, message: 'That did not work just now. Load the page again to see how things stand.' });
  }
  button.disabled = false;
});

if (secret) {
  stripe('GET', '').then(show, () => show({ message: 'The provider does not answer. Load the page again.' }));
} else {
  find('said').textContent = 'Which payment? Paste the clientSecret of its nextAction.';
  find('secret').hidden = false;
}
`;

/** A shop's page with Stripe.js on it: `?client_secret=…&return_url=…`. */
export const CHECKOUT_PAGE = page({ title: 'Pay by card', body: BODY, script: SCRIPT });
