const FOOTER = 'You receive this mail because this address was used in our shop. Nobody reads replies to it.';

/** The frame of every letter. Styles are inline, the only ones that mail programs keep. */
export function htmlLayout(content: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{subject}}</title></head>
<body style="margin:0;background:#f4f4f2;color:#1d1d1b;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:560px;margin:0 auto;padding:32px 24px;background:#ffffff">
<p>Hello{{#if name}} {{name}}{{/if}},</p>
${content}
<p style="margin-top:32px;color:#6b6b66;font-size:13px">${FOOTER}</p>
</div>
</body>
</html>
`;
}

export function textLayout(content: string): string {
  return `Hello{{#if name}} {{name}}{{/if}},

${content}

--
${FOOTER}
`;
}

/** What to click, with the address in full for programs that show no buttons. */
export const linkButton = (
  label: string,
): string => `<p><a href="{{href link}}" style="display:inline-block;padding:12px 20px;background:#1d1d1b;color:#ffffff;text-decoration:none;border-radius:6px">${label}</a></p>
<p style="color:#6b6b66;font-size:13px;word-break:break-all">{{href link}}</p>`;

export const LINK_BUTTON = linkButton('Verify my address');

export const ITEMS_TABLE = `<table style="width:100%;border-collapse:collapse">
{{#each items}}<tr><td style="padding:6px 0">{{quantity}} × {{name}}</td><td style="padding:6px 0;text-align:right">{{amount}}</td></tr>
{{/each}}<tr><td style="padding:6px 0;border-top:1px solid #d8d8d2"><strong>Total</strong></td><td style="padding:6px 0;border-top:1px solid #d8d8d2;text-align:right"><strong>{{total}}</strong></td></tr>
</table>`;

export const ITEMS_TEXT = `{{#each items}}{{quantity}} × {{name}}: {{amount}}
{{/each}}Total: {{total}}`;
