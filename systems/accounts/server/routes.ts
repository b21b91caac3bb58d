/** POST /api/login, POST /api/logout, GET /api/me. */
import type { IncomingMessage } from 'node:http';
import { type Exchange, fail, HttpError, privateCookie, Router, refuseField, tooMany } from 'fanfare/http';
import { type Credentials, SESSION_COOKIE, type SessionOutcome } from './credentials.ts';
import type { LoginGuard } from './login-guard.ts';
import type { PasswordHasher } from './passwords.ts';
import type { User, UserStore } from './user-store.ts';

export interface AccountRoutesOptions {
  readonly users: UserStore;
  readonly hasher: PasswordHasher;
  readonly credentials: Credentials;
  /** The session of a request, if that is in force. */
  readonly read: (req: IncomingMessage) => Promise<SessionOutcome>;
  readonly guard: LoginGuard;
  /** Logins that may wait for their hash; the next is told to come back. */
  readonly maxWaiting: number;
  /** Told that a session has ended before its time. */
  readonly onLogout: (session: { readonly tokenId: string }) => void;
  /** Told when somebody may not try again yet. */
  readonly onLimit: (limit: 'loginAttempts', about: { readonly address: string }) => void;
}

/** About how long a full line takes. */
const WHEN_BUSY_MS = 5000;

const LOGIN_INVALID = {
  status: 401,
  code: 'LOGIN_INVALID',
  message: { en: 'The username or the password is wrong.', vi: 'Tên đăng nhập hoặc mật khẩu không đúng.' },
};

const SESSION_INVALID = {
  status: 401,
  code: 'SESSION_INVALID',
  message: { en: 'The session has ended. Log in again.', vi: 'Phiên đã kết thúc. Hãy đăng nhập lại.' },
};

export function accountRoutes(options: AccountRoutesOptions): Router {
  const { credentials } = options;

  const setCookie = (exchange: Exchange, token: string): { readonly 'Set-Cookie': string } => {
    const maxAge = token === '' ? 0 : Math.floor(credentials.lifetimeMs / 1000);
    return { 'Set-Cookie': privateCookie({ name: SESSION_COOKIE, value: token, maxAge, secure: exchange.isSecure }) };
  };

  return new Router()
    .post('/api/login', async (exchange) => {
      if (!credentials.mayLogIn(exchange.req)) fail('ORIGIN_FORBIDDEN');
      const user = await logIn(exchange, options);
      const token = await credentials.issue(user);
      exchange.send(200, { token, user: publicUser(user) }, setCookie(exchange, token));
    })
    .post('/api/logout', async (exchange) => {
      const session = await credentials.read(exchange.req);
      if (session.kind === 'foreign') fail('ORIGIN_FORBIDDEN');
      if (session.kind === 'user') {
        credentials.end(session.claims);
        options.onLogout({ tokenId: session.claims.id });
      }
      exchange.noContent(setCookie(exchange, ''));
    })
    .get('/api/me', async (exchange) => {
      const session = await options.read(exchange.req);
      // A credential that no longer holds is an error, and the browser should stop sending it; having none is an answer.
      if (session.kind === 'invalid') throw new HttpError({ ...SESSION_INVALID, headers: setCookie(exchange, '') });
      exchange.send(200, { user: userOf(session) });
    });
}

/** The user whose name and password the body holds; throws what is wrong, and never says which of the two. */
async function logIn(exchange: Exchange, options: AccountRoutesOptions): Promise<User> {
  const { users, hasher, guard, maxWaiting } = options;
  const { username, password } = parseLogin(await exchange.json());
  const verdict = guard.take({ address: exchange.address, username });
  if (!verdict.allowed) {
    options.onLimit('loginAttempts', { address: exchange.address });
    throw tooMany(verdict.retryAfterMs);
  }
  if (hasher.waiting >= maxWaiting) throw tooMany(WHEN_BUSY_MS);
  const known = users.findByUsername(username);
  const matches = await hasher.verify(password, known?.passwordHash);
  // Nobody is told the name, the audit of whoever serves this included: who mistypes writes a password there.
  if (known === undefined || !matches) throw new HttpError(LOGIN_INVALID);
  return known.user;
}

function parseLogin(body: unknown): { readonly username: string; readonly password: string } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return refuseField('body', 'an object', body);
  const username = textField(body, { name: 'username', longest: 64 });
  const password = textField(body, { name: 'password', longest: 1024 });
  return { username, password };
}

function textField(body: object, { name, longest }: { readonly name: string; readonly longest: number }): string {
  const value: unknown = Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined;
  if (typeof value === 'string' && value.length >= 1 && value.length <= longest) return value;
  // What came instead is not repeated: it may be a password.
  return fail(value === undefined ? 'FIELD_MISSING' : 'FIELD_INVALID', {
    field: name,
    expected: `a text of 1 to ${longest} characters`,
  });
}

function userOf(session: SessionOutcome): PublicUser | null {
  return session.kind === 'user' ? publicUser(session.user) : null;
}

type PublicUser = Pick<User, 'id' | 'username' | 'roles' | 'name'>;

function publicUser({ id, username, roles, name }: User): PublicUser {
  return { id, username, roles, name };
}
