import { Redis, type Command, type RedisOptions } from 'ioredis';

type Stream = Parameters<Redis['sendCommand']>[1];

const REST_MS = 1_000;

/** No answer came in time a moment ago; this command was not sent. */
export class RedisResting extends Error {}

/**
 * A Redis that hangs costs its users one timeout and not one each: after a command that timed out, all fail at once
 * for a second; the first ones after it try again.
 */
export class FailFastRedis extends Redis {
  private restsUntil = 0;

  constructor(url: string, options: RedisOptions) {
    super(url, options);
  }

  override sendCommand(command: Command, stream?: Stream): unknown {
    // Until it is ready, ioredis itself speaks: the handshake must get through.
    if (this.status === 'ready' && performance.now() < this.restsUntil) {
      command.reject(new RedisResting('Redis did not answer in time a moment ago'));
      return command.promise;
    }
    const sent = super.sendCommand(command, stream);
    command.promise.catch((error: unknown) => {
      if (error instanceof Error && error.message === 'Command timed out')
        this.restsUntil = performance.now() + REST_MS;
    });
    return sent;
  }
}
