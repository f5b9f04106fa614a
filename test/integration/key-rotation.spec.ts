import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { testConfig } from '../support/config.js';
import { Client } from '../support/client.js';
import { environmentOf } from '../support/shop-environment.js';
import { Gate, type Person } from './gate.support.js';

jest.setTimeout(60_000);

const OLD = { JWT_SECRET: 'the-key-of-before-the-rotation-0001', JWT_KEY_ID: 'k7' };

/** The settings that the command prints, one after the other, as an operator would roll them out. */
function printed(): Record<string, string>[] {
  const cli = join(process.cwd(), 'tools', 'local', 'cli.mjs');
  const env = { PATH: process.env.PATH, ...OLD };
  const output = execFileSync(process.execPath, [cli, 'keys:rotate'], { env, encoding: 'utf8' });
  const steps = output.split(/^#.*$/m).slice(1);
  return steps.map((step) =>
    Object.fromEntries([...step.matchAll(/^(\w+)=(\S+)$/gm)].map(([, name, value]) => [name!, value!])),
  );
}

describe('Changing the key of access tokens', () => {
  type Setting = Record<string, string>;
  const [announced, signing, alone] = printed() as [Setting, Setting, Setting];
  const SETTINGS = { before: OLD, announced, signing, alone };
  let gate: Gate;
  let anna: Person;

  beforeAll(async () => {
    gate = await Gate.open({ env: OLD });
    anna = await gate.person();
  });

  afterAll(() => gate.close());

  /** A token as a server with this setting makes it. */
  function tokenOf(setting: Setting, ACCESS_TOKEN_TTL_SECONDS = 600): string {
    const urls = { databaseUrl: 'postgres://nobody@127.0.0.1:1/none', redisUrl: 'redis://127.0.0.1:1' };
    const config = testConfig({ ...environmentOf({ ...urls, sandboxPort: 1, webPort: 1 }), ...setting });
    return new AccessTokens({ ...config, ACCESS_TOKEN_TTL_SECONDS }).issue(anna.owner).accessToken;
  }

  const ask = async (token: string) => (await new Client(gate.urls, token).get('/v1/users/me')).status;

  it('makes a key of 256 bits and a name nobody has had', () => {
    expect(signing.JWT_SECRET).toMatch(/^[0-9a-f]{64}$/);
    expect(signing.JWT_KEY_ID).toMatch(/^k-[0-9a-f]{8}$/);
    expect(printed()[1]?.JWT_SECRET).not.toBe(signing.JWT_SECRET);
  });

  it('signs with the old key until every server knows the new one', () => {
    const header = (token: string) => Buffer.from(token.split('.')[0]!, 'base64url').toString();
    const kids = Object.values(SETTINGS).map(
      (setting) => (JSON.parse(header(tokenOf(setting))) as { kid: string }).kid,
    );
    expect(kids).toEqual(['k7', 'k7', signing.JWT_KEY_ID, signing.JWT_KEY_ID]);
  });

  it.each([
    ['before', { old: 200, new: 401 }],
    ['announced', { old: 200, new: 200 }],
    ['signing', { old: 200, new: 200 }],
    ['alone', { old: 401, new: 200 }],
  ] as const)('with the setting "%s" a server takes the tokens of its neighbours', async (name, verdicts) => {
    await gate.restart(SETTINGS[name]);
    expect({ old: await ask(tokenOf(OLD)), new: await ask(tokenOf(signing)) }).toEqual(verdicts);
    // Of whichever key, no longer than it lives.
    expect([await ask(tokenOf(OLD, -1)), await ask(tokenOf(signing, -1))]).toEqual([401, 401]);
  });
});
