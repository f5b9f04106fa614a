import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { SessionMode, type TokenMode } from '../auth.dto.js';
import { WithCurrentPassword } from '../credentials.dto.js';

const CODE_LENGTH_MIN = 6;
const CODE_LENGTH_MAX = 32;

function Code(description: string): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ description, example: '492039', minLength: CODE_LENGTH_MIN, maxLength: CODE_LENGTH_MAX }),
    IsString(),
    Length(CODE_LENGTH_MIN, CODE_LENGTH_MAX),
  );
}

const EITHER = 'The six digits the app shows now, or one of the recovery codes. Good once.';

export class EnrolMfa extends WithCurrentPassword {}

export class ConfirmMfa {
  @Code('The six digits the app shows now.')
  code!: string;
}

export class RemoveMfa extends WithCurrentPassword {
  @Code(EITHER)
  code!: string;
}

export class FinishLogin {
  @Code(EITHER)
  code!: string;

  @SessionMode()
  mode?: TokenMode;
}

export class OfferedFactorView {
  @ApiProperty({ description: 'For the authenticator app, in base32.', example: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' })
  secret!: string;

  @ApiProperty({
    description: 'The same for a QR code.',
    example: 'otpauth://totp/Purser:anna%40purser.test?issuer=Purser&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  })
  otpauthUrl!: string;

  @ApiProperty({
    description: 'For when the app is lost; each is good once. Shown this once: print them.',
    example: ['K7QF-2MZP-6TWX-C4RD'],
    isArray: true,
    type: String,
  })
  recoveryCodes!: string[];
}
