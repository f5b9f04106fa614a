import { ApiProperty } from '@nestjs/swagger';
import { SCOPES, type Permission } from '../../../contracts/permissions.js';
import type { LivingKey } from './api-keys.repository.js';

export class ApiKeyView {
  @ApiProperty({ description: 'To revoke it with.', format: 'uuid', example: '0190a1b2-0000-7000-8000-000000000008' })
  id!: string;

  @ApiProperty({ example: 'nightly export' })
  name!: string;

  @ApiProperty({ description: 'How the key begins.', example: 'purser_Zm9vYm' })
  prefix!: string;

  @ApiProperty({ enum: SCOPES, enumName: 'Scope', isArray: true, example: ['orders.read'] })
  scopes!: readonly Permission[];

  @ApiProperty({ format: 'date-time', example: '2027-06-30T00:00:00.000Z' })
  expiresAt!: string;

  @ApiProperty({ description: 'To ten minutes; null: never.', type: String, format: 'date-time', nullable: true })
  lastUsedAt!: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-02T09:30:00.000Z' })
  createdAt!: string;
}

export class MadeApiKeyView extends ApiKeyView {
  @ApiProperty({
    description: 'The key itself, for the header `X-API-Key`. Keep it now: nobody can show it again.',
    example: 'purser_Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm8_3q2-7w',
  })
  key!: string;
}

export class ApiKeyPage {
  @ApiProperty({ description: 'Newest first, without the revoked ones.', type: [ApiKeyView] })
  data!: ApiKeyView[];

  @ApiProperty({ description: 'The `after` of the next page; null at the end.', type: String, nullable: true })
  next!: string | null;
}

export function viewApiKey({ id, name, prefix, scopes, expiresAt, lastUsedAt, createdAt }: LivingKey): ApiKeyView {
  const times = { expiresAt: expiresAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
  return { id, name, prefix, scopes, ...times, createdAt: createdAt.toISOString() };
}
