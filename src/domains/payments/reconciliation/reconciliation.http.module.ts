import { Module } from '@nestjs/common';
import { ReconciliationModule } from './reconciliation.module.js';
import { ReconciliationsController } from './reconciliations.controller.js';

@Module({ imports: [ReconciliationModule], controllers: [ReconciliationsController] })
export class ReconciliationHttpModule {}
