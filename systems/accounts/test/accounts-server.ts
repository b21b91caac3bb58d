/** Accounts on a real socket, with a database in memory, a cheap hash and a clock that the test turns. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Accounts, type AccountsOptions, createAccounts } from '@fanfare-systems/accounts';
import { sqlite } from 'fanfare';
import { Router } from 'fanfare/http';

export interface AccountsServer extends AsyncDisposable {
  readonly url: string;
  readonly accounts: Accounts;
  readonly clock: { ms: number };
  readonly database: AccountsOptions['database'];
  /** POST with a JSON body. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export const CHEAP = { cost: 1024, blockSize: 8, parallelization: 1 };

/** Beside the routes of accounts, `/whoami` answers with what `authenticate` says, on every method. */
export async function startAccounts(
  options: Partial<Omit<AccountsOptions, 'clock'>> & { readonly seed?: boolean; readonly trustedHops?: number } = {},
): Promise<AccountsServer> {
  const { seed = true, trustedHops = 0, ...rest } = options;
  const engine = options.database === undefined ? sqlite(':memory:') : undefined;
  const database = options.database ?? engine?.database;
  if (database === undefined) throw new Error('no database');
  const clock = { ms: Date.parse('2026-03-01T08:00:00Z') };
  const accounts = createAccounts({
    passwordCost: CHEAP,
    ...rest,
    database,
    clock: { now: () => clock.ms, wallTime: () => clock.ms },
  });
  if (seed) await accounts.seedDemo();

  const routes = new Router({ trustedHops }).use(accounts.routes);
  const server = createServer((req, res) => {
    if (routes.handle(req, res)) return;
    accounts.authenticate(req).then(
      (identity) => res.end(JSON.stringify(identity ?? null)),
      () => res.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    accounts,
    clock,
    database,
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    get: (path, headers = {}) => fetch(url + path, { headers }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await engine?.close();
    },
  };
}

export interface LoggedIn {
  readonly token: string;
  /** As a Cookie header sends it back. */
  readonly cookie: string;
  readonly bearer: { readonly Authorization: string };
}

export async function logIn(server: AccountsServer, username: string): Promise<LoggedIn> {
  const response = await server.post('/api/login', { username, password: 'demo' });
  if (response.status !== 200) throw new Error(`login answered ${response.status}: ${await response.text()}`);
  const { token }: { token: string } = await response.json();
  const [cookie = ''] = response.headers.getSetCookie().map((header) => header.split(';')[0] ?? '');
  return { token, cookie, bearer: { Authorization: `Bearer ${token}` } };
}
