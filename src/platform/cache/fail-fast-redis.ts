import { Redis, type Command } from 'ioredis';

type Stream = Parameters<Redis['sendCommand']>[1];

const REST_MS = 1_000;

/** No answer came in time a moment ago; this command was not sent. */
export class RedisResting extends Error {}

/**
 * A Redis that hangs costs its users one timeout and not one each: after a command that timed out, all fail at once
 * for a second; the first ones after it try again. Emits `hanging` and, with the first answer after it, `answering`.
 */
export class FailFastRedis extends Redis {
  private isHanging = false;
  private restsUntil = 0;
  private readonly verdicts = new WeakMap<object, boolean>();

  override sendCommand(command: Command, stream?: Stream): unknown {
    if (this.isHanging && this.refuses(stream)) {
      command.reject(new RedisResting('Redis did not answer in time a moment ago'));
      return command.promise;
    }
    const sent = super.sendCommand(command, stream);
    command.promise.then(
      () => this.answered(),
      (error: unknown) => this.failed(error),
    );
    return sent;
  }

  /**
   * One verdict for a whole pipeline. ioredis writes it when the last of its commands was taken; if one of them were
   * refused and another not, that one's reply would never come, and everybody's replies would go to somebody else.
   */
  private refuses(pipeline: Stream): boolean {
    const known = pipeline && this.verdicts.get(pipeline);
    if (known !== undefined) return known;
    // Until it is ready, ioredis itself speaks: the handshake must get through.
    const isRefused = this.status === 'ready' && performance.now() < this.restsUntil;
    if (pipeline) this.verdicts.set(pipeline, isRefused);
    return isRefused;
  }

  private answered(): void {
    if (!this.isHanging) return;
    this.isHanging = false;
    this.emit('answering');
  }

  private failed(error: unknown): void {
    if (!(error instanceof Error) || error.message !== 'Command timed out') return;
    // Timers come before the socket is read: when this process was busy for longer than its patience, the answer is here.
    const { bytesRead } = this.stream;
    setImmediate(() => {
      if (this.stream.bytesRead === bytesRead) this.rest();
    });
  }

  private rest(): void {
    this.restsUntil = performance.now() + REST_MS;
    if (this.isHanging) return;
    this.isHanging = true;
    this.emit('hanging');
  }
}
