import { defineTemplate } from './template.js';

export const mfaDisabled = defineTemplate({
  subject: 'Your account asks for no code any more',
  html: `<p>your account does not ask for a code of your authenticator app any more: the password alone is enough.</p>
<p>If it was not you, ask for a new password at once (“forgot password”): that locks everybody else out.</p>`,
  text: `your account does not ask for a code of your authenticator app any more: the password alone is enough.

If it was not you, ask for a new password at once ("forgot password"): that locks everybody else out.`,
  example: {},
});
