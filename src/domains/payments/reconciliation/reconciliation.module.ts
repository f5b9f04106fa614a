import { Module } from '@nestjs/common';
import { FindingsRepository } from './findings.repository.js';
import { ReconciliationRequests } from './reconciliation-requests.service.js';
import { ReconciliationsRepository } from './reconciliations.repository.js';

/** Asking for a reconciliation, and reading its report. */
@Module({
  providers: [ReconciliationsRepository, FindingsRepository, ReconciliationRequests],
  exports: [ReconciliationsRepository, FindingsRepository, ReconciliationRequests],
})
export class ReconciliationModule {}
