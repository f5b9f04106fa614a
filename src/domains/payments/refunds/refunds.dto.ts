import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { ORDER_TOTAL_MAX } from '../../../shared/money.js';

export class RefundPayment {
  @ApiProperty({
    required: false,
    example: 1_490,
    description: "Minor units of the payment's currency; default: all that is left.",
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(ORDER_TOTAL_MAX)
  amount?: number;

  @ApiProperty({ description: 'Why. It stays with us. No names of people.', example: 'arrived broken', maxLength: 200 })
  @IsString()
  @Length(1, 200)
  @Matches(/^\P{Cc}*$/u, { message: 'reason must be one line' })
  reason!: string;
}
