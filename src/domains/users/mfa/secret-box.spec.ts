import { SecretBox } from './secret-box.js';
import type { Config } from '../../../platform/config/config.js';

const KEY = 'a key of the configuration, long enough 01';
const OTHER = 'another key of the configuration, too 0002';

const boxWith = (MFA_ENCRYPTION_KEY: string, MFA_ENCRYPTION_KEY_PREVIOUS?: string): SecretBox =>
  new SecretBox({ MFA_ENCRYPTION_KEY, MFA_ENCRYPTION_KEY_PREVIOUS } as Config);

describe('a secret box', () => {
  it('opens what it closed, which is never the same twice and does not show it', () => {
    const box = boxWith(KEY);
    const [one, two] = [box.close('JBSWY3DP', 'anna'), box.close('JBSWY3DP', 'anna')];
    expect(one).not.toBe(two);
    expect(Buffer.from(one, 'base64url').toString('latin1')).not.toContain('JBSWY3DP');
    expect([one, two].map((closed) => box.open(closed, 'anna'))).toEqual(['JBSWY3DP', 'JBSWY3DP']);
  });

  it('does not open it for somebody else, changed, cut, or with another key', () => {
    const closed = boxWith(KEY).close('JBSWY3DP', 'anna');
    const bytes = Buffer.from(closed, 'base64url');
    expect(() => boxWith(KEY).open(closed, 'ben')).toThrow('no key opens');
    expect(() => boxWith(OTHER).open(closed, 'anna')).toThrow('no key opens');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => boxWith(KEY).open(changed.toString('base64url'), 'anna')).toThrow('no key opens');
      expect(() => boxWith(KEY).open(bytes.subarray(0, at).toString('base64url'), 'anna')).toThrow('no key opens');
    }
  });

  it('opens with the key before the rotation, and closes with the new one', () => {
    const closed = boxWith(KEY).close('JBSWY3DP', 'anna');
    const rotated = boxWith(OTHER, KEY);
    expect(rotated.open(closed, 'anna')).toBe('JBSWY3DP');
    expect(boxWith(OTHER).open(rotated.close('JBSWY3DP', 'anna'), 'anna')).toBe('JBSWY3DP');
  });
});
