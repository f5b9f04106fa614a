/** The event streams of this domain; an event's version in them is its row's own. */
export const userStream = (userId: string): string => `user-${userId}`;
/** Of one event about an address that may belong to nobody: `id` is new for each. */
export const addressStream = (id: string): string => `address-${id}`;
export const sessionStream = (sessionId: string): string => `session-${sessionId}`;
export const apiKeyStream = (apiKeyId: string): string => `api-key-${apiKeyId}`;
