import { inlinePage } from '../../../platform/http/pages/inline-page.js';

const SCRIPT = `
const token = new URLSearchParams(location.search).get('token');
const form = document.querySelector('form');
const button = document.querySelector('button');
const message = document.querySelector('[role=status]');
history.replaceState(null, '', location.pathname);
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    const reply = await fetch(location.pathname, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token, password: form.elements.password.value }),
    });
    const { code } = reply.ok ? {} : await reply.json();
    if (code === 'invalid-request') {
      message.textContent = 'Please choose 8 to 128 characters.';
      button.disabled = false;
      return;
    }
    if (!reply.ok && code !== 'invalid-token') throw new Error();
    message.textContent = reply.ok
      ? 'Your new password is set, and every device is logged out. You can log in now.'
      : 'This link is not valid any more. Ask for a new one.';
    form.hidden = true;
  } catch {
    message.textContent = 'That did not work just now. Please try again in a moment.';
    button.disabled = false;
  }
});
`;

/** The same for everybody: the token stays in the browser's address bar, and only the script reads it. */
export const RESET_PASSWORD_PAGE = inlinePage({
  title: 'Set a new password',
  body: `<h1>Set a new password</h1>
<section>
<p role="status">Choose a password nobody else knows. Every device is logged out then.</p>
<form>
<label>New password <input type="password" name="password" minlength="8" maxlength="128" autocomplete="new-password" required></label>
<button type="submit">Set it</button>
</form>
</section>`,
  script: SCRIPT,
});
