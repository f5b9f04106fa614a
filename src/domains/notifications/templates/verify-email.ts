import { LINK_BUTTON } from './layout.js';
import { defineTemplate } from './template.js';

export const verifyEmail = defineTemplate({
  subject: 'Please verify your address',
  html: `<p>here is a new link to verify your address; after that you can log in.</p>
${LINK_BUTTON}
<p>If it was not you who tried to log in, ignore this mail.</p>`,
  text: `here is a new link to verify your address; after that you can log in:

{{link}}

If it was not you who tried to log in, ignore this mail.`,
  example: { link: 'https://shop.example/verify?token=abc' },
});
