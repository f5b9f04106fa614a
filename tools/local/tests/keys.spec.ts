import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { keysRotate } from '../commands/keys-rotate.mjs';
import { localSecrets } from '../environment.mjs';

describe('keys:rotate in a folder of its own', () => {
  let stateDir: string;
  let printed: string;
  let spy: jest.SpyInstance;

  beforeEach(() => {
    stateDir = fs.mkdtempSync(path.join(os.tmpdir(), 'purser keys '));
    printed = '';
    spy = jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((printed += String(text))));
  });

  afterEach(() => {
    spy.mockRestore();
    fs.rmSync(stateDir, { recursive: true, force: true });
  });

  it('has the next start sign with a new key and take the old one, and shows neither', async () => {
    const before = { ...(localSecrets(stateDir) as Record<string, string>) };
    expect(await keysRotate({ stateDir, given: {} })).toBe(0);
    const after = localSecrets(stateDir) as Record<string, string>;

    expect(after).toMatchObject({ JWT_SECRET_PREVIOUS: before.JWT_SECRET, JWT_KEY_ID_PREVIOUS: 'k1' });
    expect(after.TOKEN_SECRET).toBe(before.TOKEN_SECRET);
    expect(after.JWT_SECRET).toHaveLength(64);
    expect(after.JWT_SECRET).not.toBe(before.JWT_SECRET);
    expect(printed).toContain(after.JWT_KEY_ID);
    for (const key of [before.JWT_SECRET, after.JWT_SECRET]) expect(printed).not.toContain(key);
  });

  it('goes from key to key', async () => {
    await keysRotate({ stateDir, given: {} });
    const { JWT_KEY_ID } = localSecrets(stateDir) as Record<string, string>;
    await keysRotate({ stateDir, given: {} });
    expect(localSecrets(stateDir)).toMatchObject({ JWT_KEY_ID_PREVIOUS: JWT_KEY_ID });
  });

  it('keeps nothing of a key that was given to it', async () => {
    await keysRotate({ stateDir, given: { JWT_SECRET: 'given-by-an-operator-0000000000001' } });
    expect(fs.readdirSync(stateDir)).toEqual([]);
    expect(printed).toContain('JWT_SECRET_PREVIOUS=given-by-an-operator-0000000000001');
  });
});
