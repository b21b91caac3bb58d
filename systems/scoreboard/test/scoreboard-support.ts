/** A whole scoreboard on a real socket and a real file, and a reader of its streams. Disposable: `await using`. */
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export { StreamReader } from '@fanfare/testkit';

import { createAccounts } from '@fanfare-systems/accounts';
import {
  createScoreboard,
  type Scoreboard,
  type ScoreboardChannels,
  type ScoreboardOptions,
  type Snapshot,
} from '@fanfare-systems/scoreboard';
import { type Clock, createFanfare, type Fanfare, type SignalDefinition, signal, sqlite } from 'fanfare';
import { Router } from 'fanfare/http';
import { expect } from 'vitest';

export const API_KEY = 'test-key-of-the-scoreboard';

export interface StartOptions {
  /** Folder of the database. @default a fresh one */
  readonly folder?: string;
  readonly maxWatchers?: number;
  readonly now?: () => number;
  readonly monotonic?: () => number;
  readonly seed?: boolean;
  /** Time of the hub: heartbeats, throttle, age of streams. */
  readonly clock?: Clock;
  /** @default twenty at once */
  readonly wrongPins?: NonNullable<ScoreboardOptions['wrongPins']>;
  /** Believe one `X-Forwarded-For`. */
  readonly behindProxy?: boolean;
}

/** More than the scoreboard alone, as on a real server. */
type Channels = ScoreboardChannels & { readonly 'greeting:{name}': SignalDefinition };

export interface Running extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  readonly live: Fanfare<Channels>;
  readonly scoreboard: Scoreboard;
  /** Closes streams, server and engine; the folder stays. */
  stop(): Promise<void>;
}

/** Cheap hashes: the tests log in often, and what a hash costs is the accounts' own test. */
const PASSWORD_COST = { cost: 1024, blockSize: 8, parallelization: 1 };

export async function startScoreboard(options: StartOptions = {}): Promise<Running> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'scoreboard-')));
  const engine = sqlite(join(folder, 'fanfare.db'));
  const accounts = createAccounts({ database: engine.database, passwordCost: PASSWORD_COST });
  await accounts.seedDemo();
  const { maxWatchers, now, monotonic, wrongPins } = options;
  const scoreboard = createScoreboard({
    database: engine.database,
    accounts,
    apiKey: API_KEY,
    ...(maxWatchers === undefined ? {} : { maxWatchers }),
    ...(now === undefined ? {} : { now }),
    ...(monotonic === undefined ? {} : { monotonic }),
    ...(wrongPins === undefined ? {} : { wrongPins }),
  });
  const live = createFanfare({
    engine,
    channels: { ...scoreboard.channels, 'greeting:{name}': signal() },
    authenticate: (req) => accounts.authenticate(req),
    apiKey: API_KEY,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  const routes = new Router({ trustedHops: options.behindProxy === true ? 1 : 0 })
    .use(scoreboard.mount(live))
    .use(accounts.routes);
  if (options.seed !== false) await scoreboard.seed();
  await scoreboard.start();
  const server = await listen(live, routes);
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await live.close();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    folder,
    live,
    scoreboard,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The files as a kill -9 at this moment would leave them. */
export async function crashImage(folder: string): Promise<string> {
  const image = await mkdtemp(join(tmpdir(), 'scoreboard-image-'));
  await cp(folder, image, { recursive: true });
  return image;
}

async function listen(live: Fanfare<Channels>, routes: Router): Promise<Server> {
  const server = createServer((req, res) => {
    if (!routes.handle(req, res)) live.handler(req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Headers of a logged-in demo user. */
export async function login(url: string, username: string): Promise<Record<string, string>> {
  const response = await post(`${url}/api/login`, { username, password: 'demo' });
  expect(response.status).toBe(200);
  return { cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return send('POST', url, { body, headers });
}

export function send(
  method: string,
  url: string,
  { body, headers = {} }: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
): Promise<Response> {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(url, { method, headers: { 'content-type': 'application/json', ...headers }, ...json });
}

export async function errorCode(response: Response): Promise<string> {
  const body = (await response.json()) as { error: { code: string; message: string } };
  expect(body.error.message).not.toBe('');
  return body.error.code;
}

export async function snapshotAt(url: string): Promise<Snapshot> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return (await response.json()) as Snapshot;
}
