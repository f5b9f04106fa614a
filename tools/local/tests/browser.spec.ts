import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findBrowser } from '../browser.mjs';

let folder: string;
const named = process.env['CHROME_PATH'];

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'purser browser '));
});

afterEach(() => {
  if (named === undefined) delete process.env['CHROME_PATH'];
  else process.env['CHROME_PATH'] = named;
  fs.rmSync(folder, { recursive: true, force: true });
});

function program(text: string): string {
  const file = path.join(folder, 'a browser');
  fs.writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return file;
}

const where = () => ({ root: process.cwd(), stateDir: folder });

describe('the browser for the tests', () => {
  it('is the one CHROME_PATH names', async () => {
    const command = program('echo "Google Chrome 147.0.1.2"');
    process.env['CHROME_PATH'] = command;
    expect(await findBrowser(where())).toEqual({ command, env: {}, source: 'CHROME_PATH', version: '147.0.1.2' });
  });

  it('is no other where that one does not run, and the failure says why and what mends it', async () => {
    process.env['CHROME_PATH'] = program('echo "libnss3.so: not found" >&2; exit 127');
    await expect(findBrowser(where())).rejects.toMatchObject({
      message: expect.stringContaining('No browser runs'),
      details: 'CHROME_PATH: libnss3.so: not found',
      mend: expect.stringMatching(/install Google Chrome.*CHROME_PATH/),
    });
    expect(fs.readdirSync(folder)).toEqual(['a browser']);
  });
});
