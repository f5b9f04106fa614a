import { mailLinkPage } from '../../../platform/http/pages/mail-link.page.js';

export const EXPORT_PAGE = mailLinkPage({
  title: 'Your data',
  invitation: 'Everything we know about you, in one file.',
  button: 'Get it',
  done: 'Your data is in the file my-data.json.',
  gone: 'This link is not valid any more. Ask for a new one.',
  onDone: `const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([await reply.text()], { type: 'application/json' }));
      link.download = 'my-data.json';
      link.click();`,
});
