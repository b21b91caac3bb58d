/** The roles that every system shares. A user has one or more. */

export const ROLES = ['admin', 'organiser', 'umpire', 'display', 'spectator', 'staff'] as const;

export type Role = (typeof ROLES)[number];

export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}
