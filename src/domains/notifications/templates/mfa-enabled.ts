import { defineTemplate } from './template.js';

export const mfaEnabled = defineTemplate({
  subject: 'Your account asks for a code now',
  html: `<p>from now on your account asks for a code of your authenticator app when you log in. Your other devices are logged out. Keep the recovery codes where you find them without your phone.</p>
<p>If it was not you, ask for a new password at once (“forgot password”) and tell us.</p>`,
  text: `from now on your account asks for a code of your authenticator app when you log in.
Your other devices are logged out. Keep the recovery codes where you find them without your phone.

If it was not you, ask for a new password at once ("forgot password") and tell us.`,
  example: {},
});
