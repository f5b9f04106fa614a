import { ApiProperty } from '@nestjs/swagger';
import { ROLES, type Role } from '../../contracts/roles.js';
import type { OpenSession } from './sessions/sessions.repository.js';
import type { User } from './user.entity.js';

/** An account as its owner sees it. */
export class UserView {
  @ApiProperty({ description: 'Stable for ever.', format: 'uuid', example: '0190a1b2-0000-7000-8000-000000000003' })
  id!: string;

  @ApiProperty({ description: 'Where letters go, and the name to log in with.', example: 'anna@purser.test' })
  email!: string;

  @ApiProperty({ description: 'How letters address you.', example: 'Anna Berg', type: String, nullable: true })
  displayName!: string | null;

  @ApiProperty({ description: 'Your language, as a BCP 47 tag.', example: 'en' })
  locale!: string;

  @ApiProperty({
    description: 'What you may do beyond your own orders.',
    enum: ROLES,
    isArray: true,
    example: ['user'],
  })
  roles!: Role[];

  @ApiProperty({ description: 'Whether the address was proven by the link in a mail.', example: true })
  emailVerified!: boolean;

  @ApiProperty({
    description: 'When the account was opened.',
    format: 'date-time',
    example: '2026-11-02T09:30:00.000Z',
  })
  createdAt!: string;
}

export function viewUser(user: User): UserView {
  const { id, email, displayName, locale, roles, emailVerifiedAt, createdAt } = user;
  const emailVerified = emailVerifiedAt !== null;
  return { id, email, displayName, locale, roles, emailVerified, createdAt: createdAt.toISOString() };
}

/** One open session of the user who asks. */
export class SessionView {
  @ApiProperty({ description: 'To end it with.', format: 'uuid', example: '0190a1b2-0000-7000-8000-000000000007' })
  id!: string;

  @ApiProperty({
    description: 'What the client called itself when it logged in.',
    example: 'Mozilla/5.0 (X11; Linux x86_64)',
    type: String,
    nullable: true,
  })
  device!: string | null;

  @ApiProperty({ description: 'Where the login came from.', example: '203.0.113.7', type: String, nullable: true })
  ip!: string | null;

  @ApiProperty({
    description: 'When its tokens were last made or refreshed.',
    format: 'date-time',
    example: '2026-11-02T09:30:00.000Z',
  })
  lastUsedAt!: string;

  @ApiProperty({ description: 'Whether it is the session that asks.', example: true })
  current!: boolean;
}

export function viewSession(session: OpenSession, currentId: string): SessionView {
  const { id, device, ip, lastUsedAt } = session;
  return { id, device, ip, lastUsedAt: lastUsedAt.toISOString(), current: id === currentId };
}

export class SessionPage {
  @ApiProperty({ description: 'Newest first.', type: [SessionView] })
  data!: SessionView[];

  @ApiProperty({ description: 'The `after` of the next page; null at the end.', type: String, nullable: true })
  next!: string | null;
}
