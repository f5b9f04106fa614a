import type { Contact, UserDirectory } from '../../contracts/letters.js';
import { greetingName } from './greeting-name.js';
import { addressChangeAsked } from './templates/address-change-asked.js';
import { alreadyRegistered } from './templates/already-registered.js';
import { confirmAddress } from './templates/confirm-address.js';
import { dataExport } from './templates/data-export.js';
import { mfaDisabled } from './templates/mfa-disabled.js';
import { mfaEnabled } from './templates/mfa-enabled.js';
import { passwordChanged } from './templates/password-changed.js';
import { resetPassword } from './templates/reset-password.js';
import type { Content } from './templates/template.js';
import { tooManyLogins } from './templates/too-many-logins.js';
import { verifyEmail } from './templates/verify-email.js';
import { welcome } from './templates/welcome.js';

/** A letter's words, and where it goes when that is not the address of the account. */
export type Written = Content & { readonly to?: string };

type Render<View> = (view: View & { name: string | null }) => Content;

/** The letters about accounts. Each is null when there is nothing to tell any more. */
export function accountLetters(users: UserDirectory) {
  const greeted =
    (render: Render<object>) =>
    ({ displayName }: Contact): Promise<Written | null> =>
      Promise.resolve(render({ name: greetingName(displayName) }));

  const linked =
    (render: Render<{ link: string }>, linkOf: (userId: string) => Promise<string | null>) =>
    async ({ userId, displayName }: Contact): Promise<Written | null> => {
      const link = await linkOf(userId);
      return link === null ? null : render({ name: greetingName(displayName), link });
    };

  const verification = (userId: string) => users.verificationLinkOf(userId);

  return {
    welcome: linked(welcome.render, verification),
    'verify-email': linked(verifyEmail.render, verification),
    'already-registered': async ({ userId, displayName }: Contact): Promise<Written | null> =>
      alreadyRegistered.render({ name: greetingName(displayName), link: await verification(userId) }),
    'reset-password': linked(resetPassword.render, (userId) => users.accountLinkOf(userId, 'reset-password')),
    'password-changed': greeted(passwordChanged.render),
    'address-change-asked': greeted(addressChangeAsked.render),
    'confirm-address': async ({ userId, displayName }: Contact): Promise<Written | null> => {
      const change = await users.addressChangeOf(userId);
      if (!change) return null;
      const { address: to, link } = change;
      // Whoever has the address already is not told the name of whoever wants it.
      const name = link === null ? null : greetingName(displayName);
      return { to, ...confirmAddress.render({ name, link }) };
    },
    'data-export': linked(dataExport.render, (userId) => users.accountLinkOf(userId, 'export-data')),
    'too-many-logins': greeted(tooManyLogins.render),
    'mfa-enabled': greeted(mfaEnabled.render),
    'mfa-disabled': greeted(mfaDisabled.render),
  };
}
