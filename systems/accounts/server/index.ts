/** Users, roles and login that every system shares. */
export {
  type Accounts,
  type AccountsClock,
  type AccountsOptions,
  type CreateUserOptions,
  createAccounts,
} from './accounts.ts';
export { SESSION_COOKIE } from './credentials.ts';
export { DEMO_PASSWORD, type DemoUser } from './demo.ts';
export type { ScryptCost } from './passwords.ts';
export { isRole, ROLES, type Role } from './roles.ts';
export type { User } from './user-store.ts';
