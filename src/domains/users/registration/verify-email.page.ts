import { inlinePage } from '../../../platform/http/pages/inline-page.js';

/** Mail programs open links on their own to look at them, so opening this one changes nothing: its button does. */
const SCRIPT = `
const token = new URLSearchParams(location.search).get('token');
const button = document.querySelector('button');
const message = document.querySelector('[role=status]');
history.replaceState(null, '', location.pathname);
button.addEventListener('click', async () => {
  button.disabled = true;
  try {
    const reply = await fetch(location.pathname, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    if (!reply.ok && reply.status !== 400) throw new Error();
    message.textContent = reply.ok
      ? 'Your address is confirmed. You can log in now.'
      : 'This link is not valid any more. Log in or register again, and you get a new one.';
    button.hidden = true;
  } catch {
    message.textContent = 'That did not work just now. Please try again in a moment.';
    button.disabled = false;
  }
});
`;

/** The same for everybody: the token stays in the browser's address bar, and only the script reads it. */
export const VERIFY_EMAIL_PAGE = inlinePage({
  title: 'Confirm your address',
  body: `<h1>Confirm your address</h1>
<section>
<p role="status">One click, and your account is open.</p>
<button type="button">Confirm</button>
</section>`,
  script: SCRIPT,
});
