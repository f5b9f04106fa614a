import { greetingName } from './greeting-name.js';

describe('the name a letter greets by', () => {
  it.each(['Ada', 'J. R. R. Tolkien', 'María-José', '김 철수', '<script>alert(1)</script>', "O'Brien"])(
    'is what the user wrote: %s',
    (name) => {
      expect(greetingName(name)).toBe(name);
    },
  );

  it('stays on one line', () => {
    expect(greetingName('  Ada\r\n\tLovelace ')).toBe('Ada Lovelace');
  });

  it.each([null, '', ' \n ', 'https://evil.example', 'Win at evil.example now', 'me@evil.example', 'x'.repeat(61)])(
    'is missing when there is none, or when it would carry a stranger’s link: %j',
    (name) => {
      expect(greetingName(name)).toBeNull();
    },
  );
});
