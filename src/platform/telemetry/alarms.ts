import { Injectable } from '@nestjs/common';
import { Log } from './log.js';

/** Somebody has to look, now: one CRITICAL line with a stable code. Whoever is paged greps for `"alarm"`. */
@Injectable()
export class Alarms {
  constructor(private readonly log: Log) {}

  raise(code: string, detail: Readonly<Record<string, unknown>>): void {
    this.log.critical({ ...detail, message: `alarm: ${code}`, alarm: code });
  }
}
