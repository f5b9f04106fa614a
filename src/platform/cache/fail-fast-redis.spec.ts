import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FailFastRedis, RedisResting } from './fail-fast-redis.js';

const TIMEOUT_MS = 50;

/** Answers `GET key` with the key, in order, unless it is told to be silent; then it answers all when it speaks again. */
class EchoRedis {
  private readonly server: Server = createServer((socket) => this.serve(socket));
  private isSilent = false;
  /** Runs while the answer is on its way. */
  answered: () => void = () => undefined;
  private readonly waiting: (() => void)[] = [];

  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  beSilent(): void {
    this.isSilent = true;
  }

  speak(): void {
    this.isSilent = false;
    for (const answer of this.waiting.splice(0)) answer();
  }

  close(): void {
    this.server.close();
  }

  private serve(socket: Socket): void {
    socket.on('data', (data) => {
      const commands = data.toString().split(/\*\d+\r\n/);
      const replies = commands.slice(1).map((command) => {
        const [, name, , key = ''] = command.split('\r\n');
        return name?.toLowerCase() === 'get' ? `$${key.length}\r\n${key}\r\n` : '+OK\r\n';
      });
      const answer = (): void => {
        socket.write(replies.join(''));
        this.answered();
      };
      if (this.isSilent) this.waiting.push(answer);
      else answer();
    });
  }
}

describe('FailFastRedis', () => {
  let server: EchoRedis;
  let redis: FailFastRedis;

  beforeEach(async () => {
    server = new EchoRedis();
    redis = new FailFastRedis({
      port: await server.listen(),
      commandTimeout: TIMEOUT_MS,
      enableReadyCheck: false,
      enableAutoPipelining: true,
      enableOfflineQueue: false,
    });
    await once(redis, 'ready');
  });

  afterEach(() => {
    jest.restoreAllMocks();
    redis.disconnect();
    server.close();
  });

  async function hang(): Promise<void> {
    server.beSilent();
    const hanging = once(redis, 'hanging');
    await expect(redis.get('late')).rejects.toThrow('Command timed out');
    await hanging;
  }

  it('refuses at once after an answer that did not come', async () => {
    await hang();
    await expect(redis.get('a')).rejects.toBeInstanceOf(RedisResting);
  });

  it('gives every command its own reply when the rest ends in the middle of a pipeline', async () => {
    await hang();
    server.speak();
    const now = performance.now();
    let looks = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => (looks++ === 0 ? now : now + 10_000));

    const [one, two] = await Promise.allSettled([redis.get('a'), redis.get('b')]);
    expect([one.status, two.status]).toEqual(['rejected', 'rejected']);
    await expect(redis.get('c')).resolves.toBe('c');
    await expect(redis.get('d')).resolves.toBe('d');
  });

  it('does not take its own business for a hanging Redis', async () => {
    server.answered = () => {
      server.answered = () => undefined;
      const end = performance.now() + 3 * TIMEOUT_MS;
      while (performance.now() < end);
    };
    await expect(redis.get('a')).rejects.toThrow('Command timed out');
    await expect(redis.get('b')).resolves.toBe('b');
  });
});
