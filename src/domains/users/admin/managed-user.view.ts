import { ApiProperty } from '@nestjs/swagger';
import { UserView, viewUser } from '../user.view.js';
import type { User } from '../user.entity.js';

/** An account as admins see it. */
export class ManagedUserView extends UserView {
  @ApiProperty({ description: 'False: nobody logs in with it.', example: true })
  isActive!: boolean;
}

export class ManagedUserPage {
  @ApiProperty({ description: 'Newest first.', type: [ManagedUserView] })
  data!: ManagedUserView[];

  @ApiProperty({ description: 'The `after` of the next page; null at the end.', type: String, nullable: true })
  next!: string | null;
}

export function viewManagedUser(user: User): ManagedUserView {
  return { ...viewUser(user), isActive: user.isActive };
}
