import { linkButton } from './layout.js';
import { defineTemplate } from './template.js';

export const resetPassword = defineTemplate({
  subject: 'Set a new password',
  html: `<p>somebody, probably you, asked for a new password for your account. This link works once, and only for a short time.</p>
${linkButton('Set a new password')}
<p>If it was not you, ignore this mail: nothing was changed.</p>`,
  text: `somebody, probably you, asked for a new password for your account. This link works once, and only for a short time:

{{link}}

If it was not you, ignore this mail: nothing was changed.`,
  example: { link: 'https://shop.example/reset?token=abc' },
});
