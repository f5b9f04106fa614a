import { LINK_BUTTON } from './layout.js';
import { defineTemplate } from './template.js';

export const welcome = defineTemplate({
  subject: 'Welcome: please verify your address',
  html: `<p>welcome to our shop. Please verify your address; after that you can log in.</p>
${LINK_BUTTON}
<p>If the link does not work any more, log in and we send you a new one. If it was not you who registered, ignore this mail.</p>`,
  text: `welcome to our shop. Please verify your address; after that you can log in:

{{link}}

If the link does not work any more, log in and we send you a new one.
If it was not you who registered, ignore this mail.`,
  example: { link: 'https://shop.example/verify?token=abc' },
});
