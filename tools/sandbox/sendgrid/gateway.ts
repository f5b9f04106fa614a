import type { Verdict } from '../core/faults.js';
import { type Ending, type Incoming, type Reply, header, json } from '../core/http.js';
import type { Json } from '../core/json.js';
import { newId } from '../core/random.js';
import type { World } from '../core/world.js';
import { type Mail, type Personalization, readMail } from './mail.js';

const OP = 'mail.send';

/** SendGrid's `POST /v3/mail/send`. It knows no idempotency: whoever sends twice has sent two. */
export class SendGridGateway {
  constructor(private readonly world: World) {}

  async handle(incoming: Incoming): Promise<Ending> {
    if (incoming.method !== 'POST' || incoming.path !== '/v3/mail/send') return refusal(404, 'Not Found');
    const { faults } = this.world;
    const verdict = faults.draw(OP);
    await faults.hold(verdict.beforeMs);
    if (verdict.fault?.effect === 'reset') return 'reset';
    const reply = this.answer(incoming, verdict);
    await faults.hold(verdict.afterMs);
    return verdict.fault?.effect === 'dropReply' ? 'cut' : reply;
  }

  private answer(incoming: Incoming, { fault }: Verdict): Reply {
    if (fault?.effect === 'status') return this.refused(unwilling(fault.status, fault.retryAfter));
    const is500 = fault?.effect === 'stored500';
    if (is500 && fault.before) return this.refused(unwilling(500, null));
    const key = /^Bearer (SG\.\S+)$/.exec(header(incoming, 'authorization') ?? '');
    if (!key) {
      return this.refused(refusal(401, 'The provided authorization grant is invalid, expired, or revoked'));
    }
    const mail = readMail(parsed(incoming.body));
    if (Array.isArray(mail)) return this.refused(json(400, { errors: mail }));
    const reply = mail.isDryRun ? { status: 200, body: '' } : this.accept(mail);
    return is500 ? unwilling(500, null) : reply;
  }

  private accept(mail: Mail): Reply {
    const unit = this.world.open();
    const id = newId('', 22);
    mail.personalizations.forEach((personalization, index) => {
      const messageId = mail.personalizations.length === 1 ? id : `${id}.${index}`;
      for (const recipient of personalization.recipients) {
        unit.put(
          'messages',
          this.message({ id: newId('msg_', 20), messageId, to: recipient.email }, mail, personalization),
        );
      }
      unit.note({ object: messageId, metadata: personalization.customArgs, outcome: 'accepted' });
    });
    this.world.commit(unit, { op: OP, idempotencyKey: null });
    return { status: 202, body: '', headers: { 'x-message-id': id } };
  }

  private message(sent: { id: string; messageId: string; to: string }, mail: Mail, personalization: Personalization) {
    const { subject, headers, customArgs } = personalization;
    return {
      id: sent.id,
      to: sent.to,
      from: mail.from.name === null ? mail.from.email : `${mail.from.name} <${mail.from.email}>`,
      subject,
      html: mail.html,
      text: mail.text,
      headers: { ...customArgs, ...headers, 'X-Message-Id': sent.messageId },
      customArgs,
      at: this.world.clock.iso,
    };
  }

  private refused(reply: Reply): Reply {
    const unit = this.world.open();
    unit.note({ outcome: 'rejected' });
    this.world.commit(unit, { op: OP, idempotencyKey: null });
    return reply;
  }
}

function parsed(body: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return null;
  }
}

function refusal(status: number, message: string): Reply {
  return json(status, { errors: [{ message, field: null, help: null }] });
}

function unwilling(status: number, retryAfter: number | null): Reply {
  const messages: Record<number, string> = {
    401: 'The provided authorization grant is invalid, expired, or revoked',
    403: 'access forbidden',
    413: 'Payload too large',
    429: 'too many requests',
  };
  const reply = refusal(status, messages[status] ?? 'Internal server error');
  const resets = String(Math.ceil(Date.now() / 1000) + (retryAfter ?? 1));
  const headers: Record<string, string> = { ...reply.headers };
  if (status === 429) Object.assign(headers, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': resets });
  if (retryAfter !== null) headers['retry-after'] = String(retryAfter);
  return { ...reply, headers };
}
