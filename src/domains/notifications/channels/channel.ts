import type { Letter } from '../letters.service.js';
import type { Notification } from '../notification.entity.js';

/** A letter on its way, with what the provider is to keep beside it. */
export interface Message extends Letter {
  readonly notification: Pick<Notification, 'id' | 'kind' | 'factId'>;
}

/** How a send ended. `reason` carries neither address nor key: it is stored and logged. */
export type SendOutcome =
  | { readonly kind: 'accepted'; readonly messageId: string | null }
  /** Certainly not sent. `isPermanent`: this very message will never be taken; else the same message may be, later. */
  | {
      readonly kind: 'refused';
      readonly isPermanent: boolean;
      readonly retryAfterMs: number | null;
      readonly reason: string;
    }
  /** It may have been sent: no answer, or one that does not say. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** One way to reach people. Never throws: what went wrong is an outcome. */
export interface Channel {
  send(message: Message): Promise<SendOutcome>;
}
