import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { PIPELINED_MAX } from '../../src/platform/http/pipelines.middleware.js';
import { waitUntil } from '../support/wait.js';
import { Door } from './problem.support.js';

const MANY = 1_000;
const ONE = 'GET /v1/things HTTP/1.1\r\nHost: x\r\n\r\n';
const LAST = 'GET /v1/things HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

let door: Door;
let bare: Server;

beforeAll(async () => {
  door = await Door.open();
  bare = createServer((_request, response) => response.end('{}'));
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await door.close();
  await new Promise((resolve) => bare.close(resolve));
});

beforeEach(() => {
  door.lines.length = 0;
});

interface Conversation {
  readonly socket: Socket;
  text: string;
}

/** Says all of it at once. */
function say(port: number, text: string): Conversation {
  const conversation: Conversation = { socket: connect(port, '127.0.0.1'), text: '' };
  conversation.socket.on('data', (bytes) => (conversation.text += bytes.toString('latin1')));
  conversation.socket.on('error', () => undefined);
  conversation.socket.write(text);
  return conversation;
}

/** What came back until the line was closed. */
async function said(port: number, text: string): Promise<string> {
  const conversation = say(port, text);
  await waitUntil(() => conversation.socket.closed, { what: 'the line to be closed' });
  return conversation.text;
}

const answersIn = (text: string): number => text.split('HTTP/1.1 200').length - 1;

describe('Requests on one socket that do not wait for their answers', () => {
  it(`are answered, up to ${PIPELINED_MAX} behind another, again and again`, async () => {
    const conversation = say(door.port, '');
    for (let round = 1; round <= 3; round += 1) {
      conversation.socket.write(ONE.repeat(PIPELINED_MAX + 1));
      const isAnswered = () => answersIn(conversation.text) === round * (PIPELINED_MAX + 1);
      await waitUntil(isAnswered, { what: 'all of them to be answered' });
    }
    conversation.socket.destroy();
  });

  it(`are cut when there are more, and the rest of ${MANY} is not worked on`, async () => {
    expect(answersIn(await said(door.port, ONE.repeat(MANY)))).toBeLessThanOrEqual(PIPELINED_MAX + 1);
    expect((await door.ask('GET', '/v1/things')).status).toBe(200);
    const worked = await waitUntil(() => door.lines.filter(({ message }) => message === 'request').length, {
      what: 'the lines of the log',
    });
    expect(worked).toBeLessThanOrEqual(PIPELINED_MAX + 2);
  });

  it('are all worked on by a server that does not count them (control)', async () => {
    const { port } = bare.address() as AddressInfo;
    expect(answersIn(await said(port, ONE.repeat(MANY) + LAST))).toBe(MANY + 1);
  });
});
