import { inlinePage } from '../../../platform/http/pages/inline-page.js';

/** A page holds no token but the one against forgeries, and asks for that anew when it is loaded. */
const SCRIPT = `
const [form, inside] = [document.querySelector('form'), document.getElementById('inside')];
const message = document.querySelector('[role=status]');
let [csrf, mfaToken] = ['', null];

function call(method, path, body = {}, headers = {}) {
  const all = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf, ...headers };
  return fetch('/v1' + path, { method, headers: all, ...(method === 'GET' ? {} : { body: JSON.stringify(body) }) });
}

function show(who) {
  form.hidden = who !== null;
  inside.hidden = who === null;
  if (who === null) return;
  document.getElementById('who').textContent = who.email;
  document.getElementById('board').hidden = !who.roles.includes('admin');
}

async function enter(reply) {
  ({ csrfToken: csrf } = await reply.json());
  const who = await call('GET', '/users/me');
  show(who.ok ? await who.json() : null);
}

function attempt(element, work) {
  return async (event) => {
    event.preventDefault();
    element.disabled = true;
    message.textContent = '';
    try {
      await work();
    } catch {
      message.textContent = 'That did not work just now. Please try again in a moment.';
    }
    element.disabled = false;
  };
}

function askForCode(token) {
  mfaToken = token;
  document.getElementById('first').hidden = token !== null;
  document.getElementById('second').hidden = token === null;
  for (const input of form.querySelectorAll('input')) input.required = (input.name === 'code') === (token !== null);
}

async function logIn() {
  const { email, password, code } = Object.fromEntries(new FormData(form));
  const reply = mfaToken === null
    ? await call('POST', '/auth/login', { email, password, mode: 'cookie' })
    : await call('POST', '/auth/mfa', { code, mode: 'cookie' }, { Authorization: 'Bearer ' + mfaToken });
  if (reply.ok) {
    askForCode(null);
    form.reset();
    return enter(reply);
  }
  const problem = await reply.json();
  message.textContent = problem.title + '. ' + problem.detail;
  if (problem.code === 'mfa-required') askForCode(problem.mfaToken);
  else if (reply.status === 401) askForCode(null);
}

async function leave(method, path) {
  // The tokens in the cookies are good for ten minutes; a page may have been open for longer.
  const renewed = await call('POST', '/auth/refresh');
  if (renewed.ok) ({ csrfToken: csrf } = await renewed.json());
  const reply = await call(method, path);
  if (!reply.ok && reply.status !== 401) throw new Error();
  csrf = '';
  show(null);
  message.textContent = 'You are logged out.';
}

form.addEventListener('submit', attempt(form.querySelector('button'), logIn));
for (const button of inside.querySelectorAll('button')) {
  button.addEventListener('click', attempt(button, () => leave(button.dataset.method, button.dataset.path)));
}

(async () => {
  const reply = await call('POST', '/auth/refresh');
  if (reply.ok) await enter(reply);
  else show(null);
})();
`;

/** Logs in and out by cookie: what a shop's own pages do, and how an admin gets to the queue board. */
export const LOGIN_PAGE = inlinePage({
  title: 'Log in',
  body: `<h1>Log in</h1>
<form hidden>
<section>
<div id="first">
<p><label>E-mail<br><input name="email" type="email" autocomplete="username" required></label></p>
<p><label>Password<br><input name="password" type="password" autocomplete="current-password" required></label></p>
</div>
<p id="second" hidden><label>Code<br><input name="code" autocomplete="one-time-code" minlength="6" maxlength="32"></label></p>
<button type="submit">Log in</button>
</section>
</form>
<section id="inside" hidden>
<p>You are logged in as <strong id="who"></strong>.</p>
<p id="board"><a href="/admin/queues">Queue board</a></p>
<button type="button" data-method="POST" data-path="/auth/logout">Log out</button>
<button type="button" data-method="DELETE" data-path="/users/me/sessions">Log out everywhere</button>
</section>
<p role="status"></p>`,
  script: SCRIPT,
});
