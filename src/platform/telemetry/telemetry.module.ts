import { Global, Module } from '@nestjs/common';
import { Alarms } from './alarms.js';
import { Log } from './log.js';
import { RequestTimes } from './request-times.js';

@Global()
@Module({ providers: [Log, Alarms, RequestTimes], exports: [Log, Alarms, RequestTimes] })
export class TelemetryModule {}
