import { LINK_BUTTON } from './layout.js';
import { defineTemplate } from './template.js';

interface View {
  /** Null when the address is verified: then there is nothing to click. */
  readonly link: string | null;
}

export const alreadyRegistered = defineTemplate<View>({
  subject: 'You have an account already',
  html: `<p>somebody, probably you, tried to register with this address. You have an account already, and nothing was changed: just log in.</p>
{{#if link}}<p>Before the first login, please verify your address.</p>
${LINK_BUTTON}
{{/if}}<p>If it was not you, ignore this mail.</p>`,
  text: `somebody, probably you, tried to register with this address. You have an account already,
and nothing was changed: just log in.
{{#if link}}
Before the first login, please verify your address:

{{link}}
{{/if}}
If it was not you, ignore this mail.`,
  example: { link: 'https://shop.example/verify?token=abc' },
});
