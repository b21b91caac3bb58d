/** The accounts that every system shares: who a request comes from, and how one becomes somebody. */
import type { IncomingMessage } from 'node:http';
import type { Identity, SqlDatabase } from 'fanfare';
import { fail, OriginPolicy, type Router } from 'fanfare/http';
import { Credentials, type SessionOutcome } from './credentials.ts';
import { DEMO_PASSWORD, DEMO_USERS, type DemoUser } from './demo.ts';
import { DEFAULT_LOGIN_LIMITS, LoginGuard, type LoginLimits } from './login-guard.ts';
import { PasswordHasher, type ScryptCost } from './passwords.ts';
import { isRole, type Role } from './roles.ts';
import { accountRoutes } from './routes.ts';
import { EndedSessions, signingSecret } from './secrets.ts';
import { SessionTokens } from './session-tokens.ts';
import { type NewUser, type User, UserStore } from './user-store.ts';

export interface AccountsClock {
  /** Monotonic milliseconds, for rate limits. */
  now(): number;
  /** Milliseconds since the epoch, for expiry. */
  wallTime(): number;
}

export interface AccountsOptions {
  /** The engine's database: `engine.database`. */
  readonly database: SqlDatabase;
  /** Signs the session tokens, at least 32 bytes. @default made once, kept in the database */
  readonly secret?: Uint8Array;
  /** @default the system's clock */
  readonly clock?: AccountsClock;
  /** Other sites whose pages may act with our cookie, as exact origins. @default none */
  readonly allowedOrigins?: readonly string[];
  /** The origins that this server is reached by; our cookie counts under no other name. @default whatever it is reached by */
  readonly publicOrigins?: readonly string[];
  /** Logins that may wait for their hash: a flood from many addresses must not become a line without end. @default 100 */
  readonly maxWaitingLogins?: number;
  /** How often one may try to log in. @default those of LoginLimits */
  readonly loginLimits?: Partial<LoginLimits>;
  /** Told when somebody may not try again yet. @default nothing */
  readonly onLimit?: (limit: 'loginAttempts', about: { readonly address: string }) => void;
  /** Told that a session has ended before its time: what it opened should end too. Must not throw. @default nothing */
  readonly onLogout?: (session: { readonly tokenId: string }) => void;
  /**
   * Whether the hub has revoked a session since, as `live.isInForce` tells; asked for every request that is not for the hub, which asks by
   * itself. Must not throw. @default none is revoked
   */
  readonly isInForce?: (session: Identity) => boolean;
  /** @default 16 MiB and about 0.1 s per hash */
  readonly passwordCost?: ScryptCost;
}

export interface CreateUserOptions {
  /** 1 to 32 of a-z, 0-9, dot, dash and underscore; case does not matter. */
  readonly username: string;
  /** 1 to 1024 characters. */
  readonly password: string;
  readonly roles: readonly Role[];
  /** @default the username */
  readonly name?: string;
}

/** Users, roles and sessions. A change of a user's roles counts from its next request on. */
export interface Accounts {
  /** POST /api/login, POST /api/logout, GET /api/me. */
  readonly routes: Router;
  /**
   * Who sent the request: by `Authorization: Bearer`, else by the cookie. undefined: nobody that we know, or a cookie with a
   * change that did not come from our own pages.
   */
  authenticate(req: IncomingMessage): Promise<Identity | undefined>;
  /**
   * The same for the doors of a hub, which let in whoever shows nothing: a token that somebody shows in the header and that is not in force
   * is refused with UNAUTHENTICATED, so that nobody takes himself for known who is not. A cookie goes along by itself, and one that has
   * ended is nobody's.
   */
  identify(req: IncomingMessage): Promise<Identity | undefined>;
  /** Rejects with a TypeError on a bad field, and where the username is taken. */
  createUser(options: CreateUserOptions): Promise<User>;
  /** A user by its id, as it is now: the `subject` of an identity is this id as text. */
  findUser(id: number): User | undefined;
  /** Every user, or those who have the role, by id. */
  listUsers(role?: Role): readonly User[];
  /** Makes the demo users where there is no user at all; answers with those it made. */
  seedDemo(): Promise<readonly DemoUser[]>;
  /** The demo users that exist; their password is no secret. */
  demoUsers(): readonly DemoUser[];
}

const USERNAME = /^[a-z0-9][a-z0-9._-]{0,31}$/i;
const SYSTEM_CLOCK: AccountsClock = { now: () => performance.now(), wallTime: () => Date.now() };

export function createAccounts(options: AccountsOptions): Accounts {
  const { database, clock = SYSTEM_CLOCK, maxWaitingLogins: maxWaiting = 100 } = options;
  const { onLimit = () => {}, onLogout = () => {}, isInForce = () => true } = options;
  const users = new UserStore(database);
  const hasher = new PasswordHasher(options.passwordCost);
  const credentials = new Credentials({
    users,
    tokens: new SessionTokens({ secret: options.secret ?? signingSecret(database), now: () => clock.wallTime() }),
    ended: new EndedSessions(database),
    now: () => clock.wallTime(),
    origins: new OriginPolicy(options.allowedOrigins, { publicOrigins: options.publicOrigins }),
  });

  const read = async (req: IncomingMessage): Promise<SessionOutcome> => {
    const session = await credentials.read(req);
    return session.kind === 'user' && !isInForce(identityOf(session)) ? { kind: 'invalid' } : session;
  };
  const guard = new LoginGuard(() => clock.now(), { ...DEFAULT_LOGIN_LIMITS, ...options.loginLimits });

  const hashed = async (user: CreateUserOptions, demo: boolean): Promise<NewUser> => {
    checkUser(user);
    const { username, roles, name = username, password } = user;
    return { username, roles, name, demo, passwordHash: await hasher.hash(password) };
  };

  return {
    routes: accountRoutes({ read, users, hasher, credentials, guard, maxWaiting, onLimit, onLogout }),
    authenticate: async (req) => {
      const session = await read(req);
      return session.kind === 'user' ? identityOf(session) : undefined;
    },
    identify: async (req) => {
      const session = await credentials.read(req);
      if (session.kind === 'invalid' && req.headers.authorization !== undefined) return fail('UNAUTHENTICATED');
      return session.kind === 'user' ? identityOf(session) : undefined;
    },
    createUser: async (user) => {
      const row = await hashed(user, false);
      if (users.findByUsername(row.username) !== undefined) throw new TypeError(`username: ${row.username} is taken.`);
      users.insert([row], clock.wallTime());
      const made = users.findByUsername(row.username);
      if (made === undefined) throw new Error(`The user ${row.username} was inserted and is not there.`);
      return made.user;
    },
    findUser: (id) => users.find(id),
    listUsers: (role) => users.all().filter(({ roles }) => role === undefined || roles.includes(role)),
    seedDemo: async () => {
      if (!users.isEmpty()) return [];
      const rows = await Promise.all(DEMO_USERS.map((user) => hashed({ ...user, password: DEMO_PASSWORD }, true)));
      users.insert(rows, clock.wallTime());
      return DEMO_USERS;
    },
    demoUsers: () => users.demo().map(({ username, name, roles }) => ({ username, name, roles })),
  };
}

/** With the lifetime of the session, so that what it opened ends with it. */
function identityOf({ user, claims }: Extract<SessionOutcome, { kind: 'user' }>): Identity {
  const { id, roles, name } = user;
  const times = { issuedAt: claims.issuedAt * 1000, expiresAt: claims.expiresAt * 1000 };
  return { subject: String(id), roles, name, tokenId: claims.id, ...times };
}

function checkUser({ username, password, roles }: CreateUserOptions): void {
  if (!USERNAME.test(username)) {
    throw new TypeError(
      'username: expected 1 to 32 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit.',
    );
  }
  if (password.length < 1 || password.length > 1024) throw new TypeError('password: expected 1 to 1024 characters.');
  if (roles.length === 0 || !roles.every(isRole)) throw new TypeError(`roles: expected at least one known role.`);
}
