import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who closed a review, with which outcome; and the payments that wait for an operator, findable among millions. */
export class ResolveReviews1790000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE reviews ADD COLUMN resolved_by uuid`);
    await runner.query(`UPDATE reviews SET outcome = 'dismissed' WHERE resolved_at IS NOT NULL AND outcome IS NULL`);
    await runner.query(`ALTER TABLE reviews
      ADD CONSTRAINT reviews_end_is_whole CHECK ((resolved_at IS NULL) = (outcome IS NULL)),
      ADD CONSTRAINT reviews_outcome_is_known CHECK (outcome IN ('captured', 'not-captured', 'dismissed', 'settled'))`);
    await runner.query(`CREATE INDEX reviews_payment_id_idx ON reviews (payment_id, id)`);
    await runner.query(`CREATE INDEX payments_needing_review_idx ON payments (id) WHERE status = 'needs_review'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX payments_needing_review_idx, reviews_payment_id_idx`);
    await runner.query(
      `ALTER TABLE reviews DROP CONSTRAINT reviews_outcome_is_known, DROP CONSTRAINT reviews_end_is_whole`,
    );
    await runner.query(`ALTER TABLE reviews DROP COLUMN resolved_by`);
  }
}
