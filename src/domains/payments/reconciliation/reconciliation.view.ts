import { ApiProperty } from '@nestjs/swagger';
import { type Finding, RESOLUTIONS, type Resolution } from './findings.repository.js';
import { MISMATCH_CLASSES, type MismatchClass } from './comparison/mismatch.js';
import type { Compared, Counts, Reconciliation } from './reconciliations.repository.js';

const STATUSES = ['requested', 'running', 'completed'] as const;

export class ReconciliationView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ enum: STATUSES, example: 'completed' }) status!: (typeof STATUSES)[number];
  @ApiProperty({ format: 'date-time' }) from!: string;
  @ApiProperty({ format: 'date-time' }) to!: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The admin; null when the clock asked.' })
  requestedBy!: string | null;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: "How many objects of the provider's lists were looked at.",
    example: { payments: 1200, charges: 1180, refunds: 31 },
  })
  compared!: Compared;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'object', additionalProperties: { type: 'integer' } },
    description:
      'Mismatches by class. `healed`, `review` (an operator has the payment) and `open` (there is no payment) were found first ' +
      'by this run; `known` ones by an earlier.',
    example: { late: { healed: 2 }, amount: { review: 1, known: 3 } },
  })
  counts!: Counts;
  @ApiProperty({ format: 'date-time' }) requestedAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) startedAt!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finishedAt!: string | null;
}

export class ReconciliationPage {
  @ApiProperty({ type: [ReconciliationView] }) data!: ReconciliationView[];
  @ApiProperty({ type: String, nullable: true, description: 'Pass as `after`; null at the end.' }) next!: string | null;
}

export class FindingView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ enum: MISMATCH_CLASSES, example: 'late' }) class!: MismatchClass;
  @ApiProperty({ description: "The provider's object, or our row where it has none.", example: 'pi_3Nx…' })
  subject!: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) paymentId!: string | null;
  @ApiProperty({ enum: RESOLUTIONS }) resolution!: Resolution;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'What either side said.' }) facts!: object;
  @ApiProperty({ format: 'date-time' }) foundAt!: string;
}

export class FindingPage {
  @ApiProperty({ type: [FindingView] }) data!: FindingView[];
  @ApiProperty({ type: String, nullable: true, description: 'Pass as `after`; null at the end.' }) next!: string | null;
}

export class ReconciliationReport extends ReconciliationView {
  @ApiProperty({ type: FindingPage, description: 'What this run found first, oldest first.' }) findings!: FindingPage;
}

export function viewReconciliation(run: Reconciliation): ReconciliationView {
  const { id, status, from, to, requestedBy, compared, counts, requestedAt, startedAt, finishedAt } = run;
  return {
    id,
    status,
    from: from.toISOString(),
    to: to.toISOString(),
    requestedBy,
    compared,
    counts,
    requestedAt: requestedAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

export function viewFinding({ foundAt, ...facts }: Finding): FindingView {
  return { ...facts, foundAt: foundAt.toISOString() };
}
