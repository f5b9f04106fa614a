import { Global, Module } from '@nestjs/common';
import { Alarms } from './alarms.js';
import { Log } from './log.js';

@Global()
@Module({ providers: [Log, Alarms], exports: [Log, Alarms] })
export class TelemetryModule {}
