import { Accounts } from './users.support.js';
it('measures', async () => {
  const accounts = await Accounts.start({
    LOGIN_LIMIT_PER_ACCOUNT_AND_IP: '1000000',
    LOGIN_LIMIT_PER_ACCOUNT: '1000000',
  });
  await accounts.join('anna@example.com');
  const m: Record<string, number[]> = {};
  const time = async (name: string, f: () => Promise<unknown>) => {
    const t = performance.now();
    await f();
    (m[name] ??= []).push(performance.now() - t);
  };
  for (let n = 0; n < 200; n++) {
    await time('login known', () => accounts.logIn('anna@example.com', 'wrong guess'));
    await time('login unknown', () => accounts.logIn(`nobody${n}@example.com`, 'wrong guess'));
    await time('register known', () => accounts.register('anna@example.com'));
    await time('register unknown', () => accounts.register(`new${n}@example.com`));
  }
  const out = Object.entries(m).map(
    ([k, v]) => `${k} median ${v.sort((a, b) => a - b)[100]!.toFixed(2)} p95 ${v[190]!.toFixed(2)}`,
  );
  process.stdout.write(out.join('\n') + '\n');
  await accounts.stop();
}, 120000);
