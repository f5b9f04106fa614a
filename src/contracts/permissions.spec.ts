import { isPrivileged, may, PERMISSIONS, permissionsOf, ROLE_PERMISSIONS } from './permissions.js';
import { ROLES, type Role } from './roles.js';

const somebody = (...roles: Role[]) => ({ id: 'a', email: 'a@example.com', roles });

describe('permissions', () => {
  it('are each held by somebody, and named once', () => {
    expect([...permissionsOf(ROLES)]).toEqual([...PERMISSIONS]);
    for (const role of ROLES) expect(new Set(ROLE_PERMISSIONS[role]).size).toBe(ROLE_PERMISSIONS[role].length);
  });

  it('give customers nothing of anybody else’s, and nobody less than customers', () => {
    expect(
      ROLE_PERMISSIONS.user.filter((permission) => /-any$|change|adjust|confirm|start|replay/.test(permission)),
    ).toEqual([]);
    for (const role of ROLES)
      expect(ROLE_PERMISSIONS[role]).toEqual(expect.arrayContaining([...ROLE_PERMISSIONS.user]));
  });

  it('are privileged where customers do not have them', () => {
    expect(isPrivileged('orders.read')).toBe(false);
    expect(isPrivileged('orders.read-any')).toBe(true);
  });

  it('add up over roles, and any one of those asked for is enough', () => {
    expect(may(somebody('user'), 'orders.read', 'orders.read-any')).toBe(true);
    expect(may(somebody('user'), 'orders.read-any')).toBe(false);
    expect(may(somebody('support'), 'orders.read-any')).toBe(true);
    expect(may(somebody('support'), 'users.change')).toBe(false);
    expect(may(somebody('user', 'admin'), 'users.change')).toBe(true);
    expect(may(somebody(), ...PERMISSIONS)).toBe(false);
  });
});
