import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { ORDER_TOTAL_MAX } from '../../../shared/money.js';

export class CapturePayment {
  @ApiProperty({ required: false, example: 4_900, description: 'Minor units; default: all that is authorized.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(ORDER_TOTAL_MAX)
  amount?: number;
}

export class ConfirmPayment {
  @ApiProperty({ example: 'BANK-2026-11-25-0042', description: "The bank's or the courier's own reference." })
  @Matches(/^[\x21-\x7e]{1,100}$/, { message: 'reference must be 1 to 100 printable characters without spaces' })
  reference!: string;

  @ApiProperty({ example: 4_900, description: 'Minor units that arrived; must be exactly what is due.' })
  @IsInt()
  @Min(1)
  @Max(ORDER_TOTAL_MAX)
  receivedAmount!: number;
}
