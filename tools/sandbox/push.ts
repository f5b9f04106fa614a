import { type Ending, type Incoming, type Reply, json } from './core/http.js';
import { newId } from './core/random.js';
import type { World } from './core/world.js';

const OP = 'push.send';

/** A browser's push service: `POST /push/<subscription>` as in RFC 8030. The body is encrypted; its size is all that is kept. */
export async function handlePush(world: World, incoming: Incoming): Promise<Ending> {
  const subscription = incoming.path.slice('/push/'.length);
  if (incoming.method !== 'POST' || subscription === '') return json(404, { reason: 'no such subscription' });
  const verdict = world.faults.draw(OP);
  const { fault } = verdict;
  await world.faults.hold(verdict.beforeMs);
  if (fault?.effect === 'reset') return 'reset';
  const isRefused = fault?.effect === 'status' || (fault?.effect === 'stored500' && fault.before);
  const unit = world.open();
  const id = newId('push_', 20);
  if (!isRefused) unit.put('pushes', { id, ...described(incoming), subscription, at: world.clock.iso });
  unit.note({ object: isRefused ? null : id, outcome: isRefused ? 'rejected' : 'accepted' });
  world.commit(unit, { op: OP, idempotencyKey: null });
  await world.faults.hold(verdict.afterMs);
  if (fault?.effect === 'dropReply') return 'cut';
  if (fault?.effect === 'status' || fault?.effect === 'stored500') return refused(fault.status, fault.retryAfter);
  return { status: 201, body: '', headers: { location: `${world.baseUrl}/_sandbox/pushes` } };
}

function described({ headers, body }: Incoming): { headers: Record<string, string>; bytes: number } {
  const kept = ['ttl', 'urgency', 'topic', 'content-encoding', 'authorization'];
  const named = kept.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]] as const] : []));
  return { headers: Object.fromEntries(named), bytes: Buffer.byteLength(body) };
}

function refused(status: number, retryAfter: number | null): Reply {
  const reply = json(status, { reason: 'refused' });
  const headers = { ...reply.headers, ...(retryAfter === null ? {} : { 'retry-after': String(retryAfter) }) };
  return { ...reply, headers };
}
