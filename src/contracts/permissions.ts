import type { Principal, Role } from './roles.js';

/** What every customer may do with what is theirs. */
const CUSTOMER = ['orders.read', 'orders.place', 'payments.read', 'payments.make', 'notifications.read'] as const;

/** What support may do for customers. */
const SUPPORT = [
  'orders.read-any',
  'orders.cancel-any',
  'payments.read-any',
  'payments.cancel-any',
  'payments.capture',
  'refunds.read',
  'refunds.make',
  'reviews.read',
  'reviews.resolve',
] as const;

/** What only admins may do. */
const ADMIN = [
  'products.read-hidden',
  'products.change',
  'stock.adjust',
  'payments.confirm',
  'ledger.read',
  'deliveries.read',
  'deliveries.replay',
  'reconciliations.read',
  'reconciliations.start',
  'schedules.read',
  'users.read',
  'users.change',
  'audit.read',
] as const;

export const PERMISSIONS = [...CUSTOMER, ...SUPPORT, ...ADMIN] as const;
export type Permission = (typeof PERMISSIONS)[number];

/**
 * Who may do what: the one place that says it. A route names what it needs (`@Requires`), never a role. One's own
 * account needs no permission, only a session: so nothing that is lent, such as an API key, reaches it.
 */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  user: CUSTOMER,
  support: [...CUSTOMER, ...SUPPORT],
  admin: [...CUSTOMER, ...SUPPORT, ...ADMIN],
};

/** Beyond what every customer may: using it is an act of the shop, and read from PostgreSQL's truth. */
export function isPrivileged(permission: Permission): boolean {
  return !ROLE_PERMISSIONS.user.includes(permission);
}

/** Everything these roles may do together; no role takes anything away. */
export function permissionsOf(roles: readonly Role[]): readonly Permission[] {
  return PERMISSIONS.filter((permission) => roles.some((role) => ROLE_PERMISSIONS[role].includes(permission)));
}

/** Not for programs: a key that leaked could make itself a master. */
const SESSION_ONLY: readonly Permission[] = ['users.change'];

/** What an API key can be given. */
export const SCOPES = PERMISSIONS.filter((permission) => !SESSION_ONLY.includes(permission));

/** Whether somebody may do at least one of these. */
export function may({ roles, scopes }: Principal, ...permissions: readonly Permission[]): boolean {
  const allowed =
    scopes === undefined ? permissions : permissions.filter((name) => isScope(name) && scopes.includes(name));
  return allowed.some((permission) => roles.some((role) => ROLE_PERMISSIONS[role].includes(permission)));
}

export function isScope(permission: Permission): boolean {
  return !SESSION_ONLY.includes(permission);
}
