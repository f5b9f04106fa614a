import { Module } from '@nestjs/common';
import { ActsRepository } from './acts.repository.js';
import { AuditController } from './audit.controller.js';

@Module({ controllers: [AuditController], providers: [ActsRepository] })
export class AuditHttpModule {}
