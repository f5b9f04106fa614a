import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsString, Length } from 'class-validator';

/** What an operator may report. `settled` is the provider's own. */
export const OPERATOR_OUTCOMES = ['captured', 'not-captured', 'dismissed'] as const;

export class ResolveReview {
  @ApiProperty({
    enum: OPERATOR_OUTCOMES,
    description:
      'captured: the provider has taken the money. not-captured: it has not, and never will; what is open there is cancelled. ' +
      'dismissed: looked into, and nothing of the payment has to change. The provider is asked before it counts.',
  })
  @IsIn(OPERATOR_OUTCOMES)
  outcome!: (typeof OPERATOR_OUTCOMES)[number];

  @ApiProperty({ minLength: 1, maxLength: 2_000, example: 'Seen in the dashboard: captured on 25 November.' })
  @IsString()
  @Length(1, 2_000)
  note!: string;
}
