import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowsOf } from './sql.js';

/** Whether the tables are those this code was written for. A server that is ahead of its migrations is not ready. */
@Injectable()
export class SchemaState {
  private current = false;

  constructor(private readonly dataSource: DataSource) {}

  /** Asks until the answer is yes; migrations are never taken back under a running server. */
  async isCurrent(): Promise<boolean> {
    if (this.current) return true;
    const applied = await rowsOf<{ name: string }>(this.dataSource, `SELECT name FROM schema_migrations`);
    const names = new Set(applied.map(({ name }) => name));
    this.current = this.dataSource.migrations.every(({ constructor }) => names.has(constructor.name));
    return this.current;
  }
}
