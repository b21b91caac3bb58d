/** A whole inbox on a real socket and a real file. Disposable: `await using`. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Accounts, createAccounts } from '@fanfare-systems/accounts';
import { createInbox, type Inbox, type InboxChannels, type InboxOptions, type Note } from '@fanfare-systems/inbox';
import { createFanfare, type Fanfare, type FanfareOptions, sqlite } from 'fanfare';
import { Router } from 'fanfare/http';
import { expect } from 'vitest';

export const API_KEY = 'test-key-of-the-inbox';

/** Of the demo users, by id. */
export const ADMIN = 1;
export const LINH = 5;
export const BAO = 2;

export interface StartOptions
  extends Pick<InboxOptions, 'now' | 'monotonic' | 'keepDays' | 'keepPerUser' | 'jwtInUrl'> {
  /** Folder of the database. @default a fresh one */
  readonly folder?: string;
  /** Of the hub. */
  readonly hub?: Partial<FanfareOptions<InboxChannels>>;
}

export interface RunningInbox extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  readonly live: Fanfare<InboxChannels>;
  readonly inbox: Inbox;
  readonly accounts: Accounts;
  /** What failed beside the requests. */
  readonly faults: unknown[];
  /** Closes streams, server and engine; the folder stays. */
  stop(): Promise<void>;
}

/** Cheap hashes: what a hash costs is the accounts' own test. */
const PASSWORD_COST = { cost: 1024, blockSize: 8, parallelization: 1 };

export async function startInbox({ hub, ...options }: StartOptions = {}): Promise<RunningInbox> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'inbox-')));
  const engine = sqlite(join(folder, 'fanfare.db'));
  const { database } = engine;
  const accounts = createAccounts({ database, passwordCost: PASSWORD_COST });
  await accounts.seedDemo();
  const faults: unknown[] = [];
  const onError = (error: unknown) => faults.push(error);
  const inbox = createInbox({ database, accounts, apiKey: API_KEY, onError, ...options });
  const { channels } = inbox;
  const authenticate: Accounts['authenticate'] = (req) => accounts.authenticate(req);
  const live = createFanfare({ engine, channels, authenticate, apiKey: API_KEY, onError, ...hub });
  const routes = new Router({ onError }).use(inbox.mount(live)).use(accounts.routes);
  await inbox.start();
  const server = createServer((req, res) => {
    if (!routes.handle(req, res)) live.handler(req, res);
  });
  live.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await inbox.stop();
    await live.close();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ folder, live, inbox, accounts, faults, stop },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Headers = Readonly<Record<string, string>>;

export interface LoggedIn {
  readonly bearer: Headers;
  readonly cookie: Headers;
  readonly token: string;
}

export async function login(url: string, username: string): Promise<LoggedIn> {
  const response = await send('POST', `${url}/api/login`, { username, password: 'demo' });
  expect(response.status).toBe(200);
  const { token } = (await response.json()) as { token: string };
  const cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return { token, bearer: { authorization: `Bearer ${token}` }, cookie: { cookie } };
}

export function send(method: string, url: string, body?: unknown, headers: Headers = {}): Promise<Response> {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(url, { method, headers: { 'content-type': 'application/json', ...headers }, ...json });
}

/** The JSON of an answer that has to be a success. */
export async function ok<T>(answer: Promise<Response>): Promise<T> {
  const response = await answer;
  const body: unknown = await response.json();
  expect(response.ok, JSON.stringify(body)).toBe(true);
  return body as T;
}

export interface Triggered {
  readonly sent: number;
  readonly duplicates: number;
  readonly muted: readonly number[];
  readonly ids: readonly number[];
  readonly notification?: Note;
}

export function trigger(
  url: string,
  body: Readonly<Record<string, unknown>>,
  headers: Headers = KEY,
): Promise<Triggered> {
  return ok(send('POST', `${url}/api/notifications/trigger/`, { title: 'Hi', ...body }, headers));
}

export const KEY: Headers = { 'x-api-key': API_KEY };

export interface Listed {
  readonly items: readonly Note[];
  readonly unread: number;
  readonly next: number | null;
}

export function list(url: string, headers: Headers, query = ''): Promise<Listed> {
  return ok(send('GET', `${url}/api/notifications/${query}`, undefined, headers));
}

export function streamOf(url: string): string {
  return `${url}/api/notifications/stream/`;
}
