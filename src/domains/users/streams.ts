/** The event streams of this domain; an event's version in them is its row's own. */
export const userStream = (userId: string): string => `user-${userId}`;
export const sessionStream = (sessionId: string): string => `session-${sessionId}`;
export const apiKeyStream = (apiKeyId: string): string => `api-key-${apiKeyId}`;
