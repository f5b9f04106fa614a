import type { QueryRunner } from 'typeorm';

/**
 * Grants the application's role exactly these privileges. The role's name is set for the connection by the migrate mode
 * (`purser.app_role`); where the application owns the tables itself there is nothing to grant.
 */
export async function grantToApplication(runner: QueryRunner, table: string, privileges: string): Promise<void> {
  await runner.query(`DO $grant$
    DECLARE role text := nullif(current_setting('purser.app_role', true), '');
    BEGIN
      IF role IS NOT NULL AND role <> current_user THEN
        EXECUTE format('GRANT ${privileges} ON ${table} TO %I', role);
      END IF;
    END $grant$`);
}

/** Refuses UPDATE, DELETE and TRUNCATE for everybody, the owner too (SQLSTATE 0A000). */
export async function makeAppendOnly(runner: QueryRunner, table: string): Promise<void> {
  await runner.query(`CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
}
