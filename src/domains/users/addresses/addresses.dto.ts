import { NewAddress, WithCurrentPassword } from '../credentials.dto.js';

export class ChangeAddress extends WithCurrentPassword {
  @NewAddress('The new address. Case and surrounding blanks do not matter.')
  email!: string;
}
