import { defineTemplate } from './template.js';

export const addressChangeAsked = defineTemplate({
  subject: 'Your account is to get a new address',
  html: `<p>somebody, probably you, asked for another mail address for your account. We wrote to that address; once it is confirmed, you log in with it, and letters go there.</p>
<p>If it was not you, change your password now: that stops the change, and logs everybody else out.</p>`,
  text: `somebody, probably you, asked for another mail address for your account. We wrote to that address; once it is
confirmed, you log in with it, and letters go there.

If it was not you, change your password now: that stops the change, and logs everybody else out.`,
  example: {},
});
