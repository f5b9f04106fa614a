import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

/** What log lines and events say about who caused them. It may never change what the code does. */
export interface RequestContext {
  readonly requestId: string;
  userId?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

export function runInContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** Both null outside a request or a delivery. */
export function currentContext(): { requestId: string | null; userId: string | null } {
  const context = storage.getStore();
  return { requestId: context?.requestId ?? null, userId: context?.userId ?? null };
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
