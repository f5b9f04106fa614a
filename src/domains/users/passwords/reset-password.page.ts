import { mailLinkPage } from '../../../platform/http/pages/mail-link.page.js';

export const RESET_PASSWORD_PAGE = mailLinkPage({
  title: 'Set a new password',
  invitation: 'Choose a password nobody else knows. Every device is logged out then.',
  button: 'Set it',
  fields: `<label>New password <input type="password" name="password" minlength="8" maxlength="128" autocomplete="new-password" required></label>`,
  hint: 'Please choose 8 to 128 characters.',
  done: 'Your new password is set, and every device is logged out. You can log in now.',
  gone: 'This link is not valid any more. Ask for a new one.',
});
