import { defineTemplate } from './template.js';

export const tooManyLogins = defineTemplate({
  subject: 'Somebody tries to log in to your account',
  html: `<p>many logins to your account have failed, so we refuse more of them for up to an hour. Devices you have logged in from before are not affected.</p>
<p>If it was you, wait a little or ask for a new password. If it was not, there is nothing to do: a long password that you use nowhere else keeps your account safe.</p>`,
  text: `many logins to your account have failed, so we refuse more of them for up to an hour.
Devices you have logged in from before are not affected.

If it was you, wait a little or ask for a new password. If it was not, there is nothing to do:
a long password that you use nowhere else keeps your account safe.`,
  example: {},
});
