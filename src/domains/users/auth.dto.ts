import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength } from 'class-validator';
import { KnownAddress, KnownPassword, MailedToken, NewAddress, NewPassword } from './credentials.dto.js';
import type { SessionTokens } from './sessions/session-start.service.js';
import { DisplayName, MayBeMissing } from './users.dto.js';

const TOKEN_LENGTH_MAX = 200;

const TOKEN_MODES = ['bearer', 'cookie'] as const;
export type TokenMode = (typeof TOKEN_MODES)[number];

/** How a new session's tokens reach its client. */
export function SessionMode(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      description:
        'How the tokens come back: `bearer` in the body of the reply, for programs; `cookie` in cookies that no script can read, for pages of this shop.',
      enum: TOKEN_MODES,
      default: 'bearer',
    }),
    MayBeMissing(),
    IsIn(TOKEN_MODES),
  );
}

export class Register {
  @NewAddress('Where the link goes that opens the account. Case and surrounding blanks do not matter.')
  email!: string;

  @NewPassword()
  password!: string;

  @ApiPropertyOptional({ description: 'How letters address you.', example: 'Anna Berg', maxLength: 100 })
  @MayBeMissing()
  @DisplayName()
  displayName?: string;
}

export class LogIn {
  @KnownAddress('The address of the account.')
  email!: string;

  @KnownPassword('The password of the account.')
  password!: string;

  @SessionMode()
  mode?: TokenMode;
}

export class Refresh {
  @ApiPropertyOptional({
    description:
      'The newest refresh token of the session. Each is good for one use; its reply carries the next. A browser leaves it out: its cookie is taken.',
    example: '0190a1b2-0000-7000-8000-000000000003.0.q6Yx0mZ2Jw4v9sT1bN8cR5kD7fH3gL0pA2eU6iO4yXw',
    maxLength: TOKEN_LENGTH_MAX,
  })
  @MayBeMissing()
  @MaxLength(TOKEN_LENGTH_MAX)
  @IsString()
  refreshToken?: string;
}

export class VerifyEmail {
  @MailedToken(
    'The `token` of the link in the mail to the address: to a new account’s, or to the one an account changes to.',
  )
  token!: string;
}

export class SessionTokensView {
  @ApiProperty({
    description: 'Goes into `Authorization: Bearer …`.',
    example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.x',
  })
  accessToken!: string;

  @ApiProperty({ description: 'The scheme the access token is used with.', enum: ['Bearer'] })
  tokenType!: 'Bearer';

  @ApiProperty({ description: 'Seconds until the access token is refused.', example: 600 })
  expiresIn!: number;

  @ApiProperty({
    description: 'Goes to `/v1/auth/refresh`, once. Keep it as you would keep the password.',
    example: '0190a1b2-0000-7000-8000-000000000003.0.q6Yx0mZ2Jw4v9sT1bN8cR5kD7fH3gL0pA2eU6iO4yXw',
  })
  refreshToken!: string;
}

/** What a page gets, whose tokens are in cookies. */
export class BrowserSessionView {
  @ApiProperty({
    description: 'Goes into `X-CSRF-Token` of every request that changes something. A refresh answers it again.',
    example: 'c1f0…9e.5b7a…04',
  })
  csrfToken!: string;

  @ApiProperty({ description: 'Seconds until the session is to be refreshed.', example: 600 })
  expiresIn!: number;
}

export const EITHER_VIEW = [SessionTokensView, BrowserSessionView].map((view) => ({ $ref: getSchemaPath(view) }));

export function viewTokens({ accessToken, expiresIn, refreshToken }: SessionTokens): SessionTokensView {
  return { accessToken, tokenType: 'Bearer', expiresIn, refreshToken };
}
