import { mailLinkPage } from '../../../platform/http/pages/mail-link.page.js';

export const VERIFY_EMAIL_PAGE = mailLinkPage({
  title: 'Confirm your address',
  invitation: 'One click, and your account is open.',
  button: 'Confirm',
  done: 'Your address is confirmed. You can log in now.',
  gone: 'This link is not valid any more. Log in or register again, and you get a new one.',
});
