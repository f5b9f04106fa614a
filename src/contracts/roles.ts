export const ROLES = ['user', 'support', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who is asking, as proven by their access token and a session that still stands. */
export interface Principal {
  readonly id: string;
  readonly email: string;
  readonly roles: readonly Role[];
  readonly sessionId: string;
}

/** Support and admins may read what belongs to others. */
export function isStaff(principal: Principal): boolean {
  return principal.roles.includes('support') || principal.roles.includes('admin');
}
