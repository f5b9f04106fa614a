import { linkButton } from './layout.js';
import { defineTemplate } from './template.js';

export const dataExport = defineTemplate({
  subject: 'Your data',
  html: `<p>somebody, probably you, asked for all data about you. The link leads to it, for a day. Whoever has this mail can use it, so do not pass it on.</p>
${linkButton('Get my data')}
<p>If it was not you, change your password: that makes the link void.</p>`,
  text: `somebody, probably you, asked for all data about you. The link leads to it, for a day.
Whoever has this mail can use it, so do not pass it on:

{{link}}

If it was not you, change your password: that makes the link void.`,
  example: { link: 'https://shop.example/data?token=abc' },
});
