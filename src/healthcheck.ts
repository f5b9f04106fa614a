import { readConfig } from './platform/config/config.js';

/**
 * What a container runs to ask its own process whether it lives. Whether it is ready is for load balancers to ask: whoever
 * restarts what is not healthy must not restart everything because the database is away.
 */
const PATIENCE_MS = 2_500;

const { PORT } = readConfig(process.env);
try {
  const reply = await fetch(`http://127.0.0.1:${PORT}/health/live`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  process.exitCode = reply.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
