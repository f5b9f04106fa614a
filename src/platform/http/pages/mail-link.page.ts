import { inlinePage, type InlinePage } from './inline-page.js';

interface MailLinkParts {
  readonly title: string;
  /** What pressing the button does, and what it says. */
  readonly invitation: string;
  readonly button: string;
  /** HTML of what else is asked for; each input goes into the request under its name. */
  readonly fields?: string;
  /** Said when the fields are refused. */
  readonly hint?: string;
  readonly done: string;
  /** Said when the link is used up or too old. */
  readonly gone: string;
  /** JavaScript that does something with the `reply`, once it worked. */
  readonly onDone?: string;
}

/**
 * Where the link in a mail leads. Mail programs open links on their own to look at them, so opening this one changes nothing:
 * its button does, by a POST of `{ token, …fields }` to the page's own path. The page is the same for everybody: the token
 * stays in the browser's address bar until the script has read it.
 */
export function mailLinkPage(parts: MailLinkParts): InlinePage {
  const { title, invitation, button, fields = '' } = parts;
  const body = `<h1>${title}</h1>
<section>
<p role="status">${invitation}</p>
<form>
${fields}
<button type="submit">${button}</button>
</form>
</section>`;
  return inlinePage({ title, body, script: scriptOf(parts) });
}

function scriptOf({ hint, done, gone, onDone = '' }: MailLinkParts): string {
  const refusals = { 'invalid-token': gone, 'invalid-request': hint ?? gone };
  return `
const refusals = ${JSON.stringify(refusals)};
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
      body: JSON.stringify({ token, ...Object.fromEntries(new FormData(form)) }),
    });
    const code = reply.ok ? null : (await reply.json()).code;
    if (code !== null && !(code in refusals)) throw new Error();
    if (reply.ok) {
      ${onDone}
    }
    message.textContent = reply.ok ? ${JSON.stringify(done)} : refusals[code];
    form.hidden = ${hint === undefined} || code !== 'invalid-request';
    button.disabled = form.hidden;
  } catch {
    message.textContent = 'That did not work just now. Please try again in a moment.';
    button.disabled = false;
  }
});
`;
}
