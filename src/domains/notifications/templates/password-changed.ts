import { defineTemplate } from './template.js';

export const passwordChanged = defineTemplate({
  subject: 'Your password was changed',
  html: `<p>your password was changed, and your other devices are logged out.</p>
<p>If it was not you, ask for a new password at once (“forgot password”): that locks everybody else out.</p>`,
  text: `your password was changed, and your other devices are logged out.

If it was not you, ask for a new password at once ("forgot password"): that locks everybody else out.`,
  example: {},
});
