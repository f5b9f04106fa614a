import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { JsonText, type ListedJson } from '../../shared/json-text.js';

export const PAGE_MAX = 100;

/** Keyset paging: `after` is the id a page ended with. */
export class PageQuery {
  @ApiProperty({ required: false, minimum: 1, maximum: PAGE_MAX, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(PAGE_MAX)
  limit: number = 20;

  @ApiProperty({ required: false, format: 'uuid', description: '`next` of the page before.' })
  @IsOptional()
  @IsUUID()
  after?: string;
}

export interface Page<Item> {
  readonly data: Item[];
  /** Null at the end. */
  readonly next: string | null;
}

/** A page of `limit` from rows of which one more was asked for, to know whether there is another page. */
export function pageOf<Item extends { id: string }>(rows: readonly Item[], limit: number): Page<Item> {
  const data = rows.slice(0, limit);
  return { data, next: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
}

/** The same of JSON, put together without reading it. */
export function jsonPageOf<Item extends object>(rows: readonly ListedJson[], limit: number): JsonText<Page<Item>> {
  const { data, next } = pageOf(rows, limit);
  return new JsonText(`{"data":[${data.map(({ text }) => text).join(',')}],"next":${JSON.stringify(next)}}`);
}
