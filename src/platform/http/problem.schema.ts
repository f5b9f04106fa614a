import { ApiProperty } from '@nestjs/swagger';

class MistakeDocument {
  @ApiProperty({ example: '#/items/0/quantity', description: 'RFC 6901 pointer into the body.' }) pointer!: string;
  @ApiProperty({ example: 'quantity must not be greater than 999' }) detail!: string;
}

/** RFC 9457 problem document; some codes add members of their own. */
export class ProblemDocument {
  @ApiProperty({ example: '/problems/out-of-stock' }) type!: string;
  @ApiProperty({ example: 'Not enough stock' }) title!: string;
  @ApiProperty({ example: 409 }) status!: number;
  @ApiProperty({ example: 'out-of-stock', description: 'Stable: branch on this.' }) code!: string;
  @ApiProperty({ example: '3 of TEA-001 were asked for; 2 are left.' }) detail!: string;
  @ApiProperty({ example: '/v1/orders' }) instance!: string;
  @ApiProperty({ example: '01932b6e-…', description: 'Name it when you ask us.' }) requestId!: string;
  @ApiProperty({ type: [MistakeDocument], required: false }) errors?: MistakeDocument[];
}
