import { createHash } from 'node:crypto';

/** Mail programs open links on their own to look at them, so opening this one changes nothing: its button does. */
const SCRIPT = `
const token = new URLSearchParams(location.search).get('token');
const button = document.querySelector('button');
const message = document.querySelector('p');
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

const STYLE = `
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1.5rem; color: #1c2430; }
button { font: inherit; padding: .6rem 1.4rem; border: 0; border-radius: .4rem; background: #14532d; color: #fff; }
button:disabled { opacity: .6; }
`;

/** The same for everybody: the token stays in the browser's address bar, and only the script reads it. */
export const VERIFY_EMAIL_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Confirm your address</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Confirm your address</h1>
<p role="status">One click, and your account is open.</p>
<button type="button">Confirm</button>
<noscript>This page needs JavaScript.</noscript>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;

const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Only these two inline blocks may run, and only our own server may be called. */
export const VERIFY_EMAIL_CSP = [
  `default-src 'none'`,
  `script-src ${digest(SCRIPT)}`,
  `style-src ${digest(STYLE)}`,
  `connect-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');
