import { AsyncLocalStorage } from 'node:async_hooks';

export interface Client {
  readonly ip: string | null;
  /** The client's own name for itself. */
  readonly device: string | null;
}

/** What log lines and events say about who caused them. It may never change what the code does. */
export interface RequestContext {
  readonly requestId: string;
  /** Where a request comes from; nothing of it goes into logs or events. */
  readonly client?: Client;
  userId?: string;
  /** Where a program asks for its user. */
  apiKeyId?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

export function runInContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** What is not known is null, all of it outside a request or a delivery; `apiKeyId` is there only where there is a key. */
export function currentContext() {
  const context = storage.getStore();
  return {
    requestId: context?.requestId ?? null,
    userId: context?.userId ?? null,
    apiKeyId: context?.apiKeyId,
    client: context?.client ?? null,
  };
}

/** Adds who is asking, once the guards know. */
export function identify(userId: string, apiKeyId?: string): void {
  const context = storage.getStore();
  if (context) Object.assign(context, { userId, apiKeyId });
}

/** The listener of an event of the socket, which is emitted outside the request it belongs to. */
export function inThisContext(listener: () => void): () => void {
  const context = storage.getStore();
  return context ? () => storage.run(context, listener) : listener;
}
