import { linkButton } from './layout.js';
import { defineTemplate } from './template.js';

interface View {
  /** Null when the address has an account already: then nothing can be confirmed. */
  readonly link: string | null;
}

export const confirmAddress = defineTemplate<View>({
  subject: 'Please confirm your new address',
  html: `{{#if link}}<p>somebody, probably you, wants to use this address for an account in our shop. Please confirm it; until then nothing changes.</p>
${linkButton('Confirm this address')}
{{else}}<p>somebody tried to use this address for another account in our shop. It is the address of your account, so nothing was changed.</p>
{{/if}}<p>If it was not you, ignore this mail.</p>`,
  text: `{{#if link}}somebody, probably you, wants to use this address for an account in our shop. Please confirm it; until then nothing changes:

{{link}}
{{else}}somebody tried to use this address for another account in our shop. It is the address of your account,
so nothing was changed.
{{/if}}
If it was not you, ignore this mail.`,
  example: { link: 'https://shop.example/verify?token=abc' },
});
