import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsEmail, IsString, Length, Matches, MaxLength } from 'class-validator';

const EMAIL_LENGTH_MAX = 254;
const PASSWORD_LENGTH_MIN = 8;
const PASSWORD_LENGTH_MAX = 128;
const TOKEN_LENGTH_MAX = 200;

// ASCII only: there case has one meaning everywhere, and no letter looks like another.
const ADDRESS = /^[\x21-\x7e]*$/;
const ADDRESS_MESSAGE = 'email must be written in ASCII (internationalized domains as xn--…)';

function withoutCase({ value }: { value: unknown }): unknown {
  return typeof value === 'string' ? value.trim().toLowerCase() : value;
}

/** An address that somebody is to have: it looks like one. */
export function NewAddress(description: string): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ description, example: 'anna@purser.test', format: 'email', maxLength: EMAIL_LENGTH_MAX }),
    IsEmail(),
    Address(),
  );
}

/** An address that an account is named by, whatever it looks like. */
export function KnownAddress(description: string): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ description, example: 'anna@purser.test', maxLength: EMAIL_LENGTH_MAX }),
    IsString(),
    Address(),
  );
}

function Address(): PropertyDecorator {
  return applyDecorators(
    MaxLength(EMAIL_LENGTH_MAX),
    Matches(ADDRESS, { message: ADDRESS_MESSAGE }),
    Transform(withoutCase),
  );
}

/** A password to be set. */
export function NewPassword(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      description: 'Any characters; longer is better. Taken exactly as it is sent.',
      example: 'correct horse battery staple',
      format: 'password',
      minLength: PASSWORD_LENGTH_MIN,
      maxLength: PASSWORD_LENGTH_MAX,
    }),
    IsString(),
    Length(PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX),
  );
}

/** A password to be compared. */
export function KnownPassword(description: string): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ description, example: 'purser-demo-2026', format: 'password', maxLength: PASSWORD_LENGTH_MAX }),
    IsString(),
    MaxLength(PASSWORD_LENGTH_MAX),
  );
}

/** A token of a link in a mail. */
export function MailedToken(description: string): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      description,
      example: '0190a1b2-0000-7000-8000-000000000003.1790000000.q6Yx0mZ2Jw4v9sT1bN8cR5kD7fH3gL0pA2eU6iO4yXw',
      maxLength: TOKEN_LENGTH_MAX,
    }),
    IsString(),
    MaxLength(TOKEN_LENGTH_MAX),
  );
}

const OWN_PASSWORD = 'The password you have now: whoever found your device unlocked does not know it.';

/** What asks for the password of whoever is logged in. */
export class WithCurrentPassword {
  @KnownPassword(OWN_PASSWORD)
  currentPassword!: string;
}

/** Says nothing of what it does: the same for known and unknown addresses. */
export class AcceptedView {
  @ApiProperty({
    description: 'Always the same, whether the address was known or not: a mail says what happened.',
    enum: ['accepted'],
  })
  status!: 'accepted';
}

export const ACCEPTED: AcceptedView = { status: 'accepted' };
