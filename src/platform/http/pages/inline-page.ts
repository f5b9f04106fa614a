import { createHash } from 'node:crypto';
import type { Response } from 'express';

interface PageParts {
  readonly title: string;
  /** HTML. What varies by visitor does not belong here: the page is made once, and its script asks. */
  readonly body: string;
  readonly script: string;
}

/** A page in one answer, and the Content-Security-Policy it is sent with. */
export interface InlinePage {
  readonly html: string;
  readonly policy: string;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b2330; --quiet: #5a6675; --line: #d9dee5; --ground: #f5f6f8; --sheet: #fff; --accent: #14603f; --on-accent: #fff; --good: #14603f; --fair: #8a5a00; --bad: #a8201a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --quiet: #9fabb8; --line: #333c47; --ground: #12171d; --sheet: #1a2129; --accent: #6fd3a5; --on-accent: #0c1a13; --good: #6fd3a5; --fair: #e3b45c; --bad: #ff8f86; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; padding: 8vh 1.25rem 3rem; background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; }
h1 { margin: 0 0 .25rem; font-size: 1.9rem; letter-spacing: -.01em; }
h2 { margin: 0 0 .5rem; font-size: 1rem; }
h1 + p { margin: 0; }
section > p { margin: 0 0 .9rem; }
a { color: var(--accent); text-underline-offset: .15em; }
section { margin-top: 1.25rem; padding: 1.1rem 1.25rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .6rem; }
.quiet { color: var(--quiet); }
ul { margin: 0; padding: 0; list-style: none; }
li { padding: .2rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: .75rem 0 0; }
dd { margin: 0; }
[data-state]::before { content: '●'; margin-right: .45rem; color: var(--quiet); }
[data-state=up]::before { color: var(--good); }
[data-state=degraded]::before { color: var(--fair); }
[data-state=down]::before { color: var(--bad); }
button { font: inherit; padding: .55rem 1.5rem; border: 0; border-radius: .4rem; background: var(--accent); color: var(--on-accent); cursor: pointer; }
input { font: inherit; display: block; width: 100%; margin: .35rem 0 .9rem; padding: .5rem .7rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--ground); color: var(--ink); }
button:disabled { opacity: .6; cursor: default; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

/** Only the page's own style and script may run, and only our own server may be called: both are named by their hashes. */
export function inlinePage({ title, body, script }: PageParts): InlinePage {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
<noscript>This page needs JavaScript.</noscript>
</main>
<script>${script}</script>
</body>
</html>
`;
  const policy = [
    `default-src 'none'`,
    `script-src ${digest(script)}`,
    `style-src ${digest(STYLE)}`,
    `img-src data:`,
    `connect-src 'self'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ];
  return { html, policy: policy.join('; ') };
}

export function sendPage({ html, policy }: InlinePage, response: Response): void {
  response
    .setHeader('Content-Security-Policy', policy)
    .setHeader('Content-Type', 'text/html; charset=utf-8')
    .setHeader('Referrer-Policy', 'no-referrer')
    .setHeader('Cache-Control', 'no-store')
    .send(html);
}

function digest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
