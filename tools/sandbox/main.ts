import { startSandbox } from './server.js';

/** The sandbox as a process of its own. It stands in for the providers on this machine and is never part of a deployment. */
const { env } = process;
const port = Number(env['SANDBOX_PORT'] ?? '4010');
const dataDir = env['SANDBOX_DATA_DIR'];
if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('SANDBOX_PORT is not a port');
if (!dataDir) throw new Error('SANDBOX_DATA_DIR is missing: the folder of the journal and the state');

const sandbox = await startSandbox({
  port,
  dataDir,
  host: env['SANDBOX_HOST'] ?? '127.0.0.1',
  webhookSecret: env['SANDBOX_WEBHOOK_SECRET'] ?? 'whsec_sandbox',
  settleMs: Number(env['SANDBOX_SETTLE_MS'] ?? '1000'),
  ...(env['SANDBOX_WEBHOOK_URL'] ? { webhookUrl: env['SANDBOX_WEBHOOK_URL'] } : {}),
  ...(env['SANDBOX_STRIPE_KEY'] ? { stripeKey: env['SANDBOX_STRIPE_KEY'] } : {}),
  ...(env['SANDBOX_PUBLIC_URL'] ? { publicUrl: env['SANDBOX_PUBLIC_URL'] } : {}),
  onError: (error) =>
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`),
});
process.stdout.write(`${JSON.stringify({ message: 'sandbox listening', url: sandbox.url, dataDir })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void sandbox.close().then(() => process.exit(0)));
}
