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

  override sendCommand(command: Command, stream?: Stream): unknown {
    // Until it is ready, ioredis itself speaks: the handshake must get through.
    if (this.isHanging && this.status === 'ready' && performance.now() < this.restsUntil) {
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

  private answered(): void {
    if (!this.isHanging) return;
    this.isHanging = false;
    this.emit('answering');
  }

  private failed(error: unknown): void {
    if (!(error instanceof Error) || error.message !== 'Command timed out') return;
    this.restsUntil = performance.now() + REST_MS;
    if (this.isHanging) return;
    this.isHanging = true;
    this.emit('hanging');
  }
}
