import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

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
}

const storage = new AsyncLocalStorage<RequestContext>();

export function runInContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** Null what is not known, and all of it outside a request or a delivery. */
export function currentContext(): { requestId: string | null; userId: string | null; client: Client | null } {
  const { requestId = null, userId = null, client = null } = storage.getStore() ?? {};
  return { requestId, userId, client };
}

/** Adds who is asking, once the guards know. */
export function identify(userId: string): void {
  const context = storage.getStore();
  if (context) context.userId = userId;
}

/** The listener of an event of the socket, which is emitted outside the request it belongs to. */
export function inThisContext(listener: () => void): () => void {
  return AsyncResource.bind(listener);
}
