import { KnownAddress, MailedToken, NewPassword, WithCurrentPassword } from '../credentials.dto.js';

export class ForgotPassword {
  @KnownAddress('The address of the account.')
  email!: string;
}

export class ResetPassword {
  @MailedToken('The `token` of the link in the mail.')
  token!: string;

  @NewPassword()
  password!: string;
}

export class ChangePassword extends WithCurrentPassword {
  @NewPassword()
  password!: string;
}
