import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsString, Length, Matches, ValidateIf } from 'class-validator';

const DISPLAY_NAME_LENGTH_MAX = 100;

// No control characters, line ends, lone surrogates, nor characters that turn the direction of what follows.
const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u;

// BCP 47, without its rarer subtags: `en`, `de-AT`, `zh-Hant-TW`.
const LANGUAGE_TAG = /^[a-zA-Z]{2,3}(-[a-zA-Z]{4})?(-([a-zA-Z]{2}|\d{3}))?$/;

/** The property may be left out; unlike IsOptional this does not let null through. */
export function MayBeMissing(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}

/** A name for people to read: 1–100 printable characters, without blanks around it. */
export function DisplayName(property = 'displayName'): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value)),
    Matches(PRINTABLE, { message: `${property} must not contain control characters` }),
    Length(1, DISPLAY_NAME_LENGTH_MAX),
    IsString(),
  );
}

export class ChangeProfile {
  @ApiPropertyOptional({
    description: 'How letters address you; null removes it.',
    example: 'Anna Berg',
    type: String,
    nullable: true,
    maxLength: DISPLAY_NAME_LENGTH_MAX,
  })
  @ValidateIf((_object, value) => value !== undefined && value !== null)
  @DisplayName()
  displayName?: string | null;

  @ApiPropertyOptional({ description: 'Your language, as a BCP 47 tag.', example: 'de-AT' })
  @MayBeMissing()
  @Matches(LANGUAGE_TAG, { message: 'locale must be a language tag such as en or de-AT' })
  @IsString()
  locale?: string;
}
