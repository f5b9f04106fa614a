import { Accounts, PASSWORD } from './users.support.js';

describe('requests about accounts', () => {
  let accounts: Accounts;
  let token: string;
  let userId: string;

  beforeAll(async () => {
    accounts = await Accounts.start();
    ({ accessToken: token, userId } = await accounts.join('anna@example.com'));
  });

  afterAll(() => accounts.stop());

  const registration = { email: 'new@example.com', password: PASSWORD };
  const FOREIGN = ['id', 'roles', 'role', 'isActive', 'status', 'userId', 'createdAt', 'emailVerified'];

  it.each([
    ['no body', {}],
    ['no address', { ...registration, email: 'nobody' }],
    ['an address that is no text', { ...registration, email: { $ne: '' } }],
    ['a long address', { ...registration, email: `${'x'.repeat(250)}@example.com` }],
    ['an address with look-alikes', { ...registration, email: 'аnna@example.com' }],
    ['an address with NUL', { ...registration, email: 'an\0na@example.com' }],
    ['a short password', { ...registration, password: '1234567' }],
    ['a long password', { ...registration, password: 'x'.repeat(129) }],
    ['a password that is a list', { ...registration, password: [PASSWORD] }],
    ['a long name', { ...registration, displayName: 'x'.repeat(101) }],
    ['an empty name', { ...registration, displayName: ' ' }],
    ['a name with a line end', { ...registration, displayName: 'Anna\r\nBcc: x@example.com' }],
    ['a name that turns around', { ...registration, displayName: 'Anna\u202egnab' }],
    ['no name at all', { ...registration, displayName: null }],
  ])('refuse to register %s', async (_what, body) => {
    const reply = await accounts.call('post', '/auth/register').send(body).expect(400);
    expect(reply.body).toMatchObject({ code: 'invalid-request', errors: expect.any(Array) });
    expect(await accounts.idOf('new@example.com')).toBe('');
  });

  it.each(FOREIGN)('refuse %s, which is not the caller’s to set', async (name) => {
    const foreign = (body: object) => `${JSON.stringify(body).slice(0, -1)},"${name}":"admin"}`;
    const send = (method: 'post' | 'patch', path: string, body: object) =>
      accounts.call(method, path, token).set('Content-Type', 'application/json').send(foreign(body)).expect(400);

    await send('post', '/auth/register', registration);
    await send('post', '/auth/login', { email: 'anna@example.com', password: PASSWORD });
    await send('patch', '/users/me', { displayName: 'Mallory' });

    const { body } = await accounts.call('get', '/users/me', token).expect(200);
    expect(body).toMatchObject({ id: userId, displayName: null, roles: ['user'], emailVerified: true });
  });

  it.each(['Cookie', 'session', '', null])('refuse to log in in mode %j', async (mode) => {
    const body = { email: 'anna@example.com', password: PASSWORD, mode };
    const reply = await accounts.call('post', '/auth/login').send(body).expect(400);
    expect(reply.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '#/mode' }] });
  });

  it('answer a login with NUL or foreign letters by refusing it, not by failing', async () => {
    await accounts.logIn('an\0na@example.com').expect(400);
    await accounts.logIn('anna@example.com', 'with\0nul in it').expect(400);
    await accounts.logIn('').expect(401);
  });

  it('show the account to its owner, and nothing more than promised', async () => {
    const { body } = await accounts.call('get', '/users/me', token).expect(200);
    expect(body).toEqual({
      id: userId,
      email: 'anna@example.com',
      displayName: null,
      locale: 'en',
      roles: ['user'],
      emailVerified: true,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  it('change what is given, announce it once, and leave the rest', async () => {
    const patch = async (body: object) =>
      (await accounts.call('patch', '/users/me', token).send(body).expect(200)).body as object;
    expect(await patch({ displayName: ' Anna Bérg 👩‍🚀 ' })).toMatchObject({ displayName: 'Anna Bérg 👩‍🚀', locale: 'en' });
    expect(await patch({ locale: 'de-AT' })).toMatchObject({ displayName: 'Anna Bérg 👩‍🚀', locale: 'de-AT' });
    expect(await patch({ locale: 'de-AT' })).toMatchObject({ locale: 'de-AT' });
    expect(await patch({})).toMatchObject({ locale: 'de-AT' });
    expect(await patch({ displayName: null })).toMatchObject({ displayName: null });

    const changes = (await accounts.eventsOf(`user-${userId}`)).filter(({ name }) => name === 'user.changed');
    expect(changes.map(({ version }) => version)).toEqual([3, 4, 5]);
    expect(changes[0]?.payload).toEqual({ userId });
  });

  it.each(['', 'german', 'de_AT', 'de-AT-', 'x'.repeat(50_000), null, 7])('refuse the locale %j', async (locale) => {
    await accounts.call('patch', '/users/me', token).send({ locale }).expect(400);
  });
});
