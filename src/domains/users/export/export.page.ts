import { inlinePage } from '../../../platform/http/pages/inline-page.js';

/** A click, because programs that look at links in mails would fetch everything, too. */
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
    if (reply.ok) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([await reply.text()], { type: 'application/json' }));
      link.download = 'my-data.json';
      link.click();
    }
    message.textContent = reply.ok
      ? 'Your data is in the file my-data.json.'
      : 'This link is not valid any more. Ask for a new one.';
    button.hidden = true;
  } catch {
    message.textContent = 'That did not work just now. Please try again in a moment.';
    button.disabled = false;
  }
});
`;

/** The same for everybody: the token stays in the browser's address bar, and only the script reads it. */
export const EXPORT_PAGE = inlinePage({
  title: 'Your data',
  body: `<h1>Your data</h1>
<section>
<p role="status">Everything we know about you, in one file.</p>
<button type="button">Get it</button>
</section>`,
  script: SCRIPT,
});
