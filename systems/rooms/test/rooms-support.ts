/** The rooms on a real socket, and clients of theirs made of a stock `ws`. Disposable: `await using`. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAccounts } from '@fanfare-systems/accounts';
import { createRooms, type Rooms, type RoomsOptions } from '@fanfare-systems/rooms';
import { type ConnectionReport, createFanfare, type Fanfare, type FanfareOptions, sqlite } from 'fanfare';
import { Router } from 'fanfare/http';
import { expect, vi } from 'vitest';
import { type RawData, WebSocket } from 'ws';

export const TIMEOUT = { timeout: 20_000, interval: 5 };
export const API_KEY = 'test-key-of-the-rooms';

/** Cheap hashes: what a hash costs is the accounts' own test. */
const PASSWORD_COST = { cost: 1024, blockSize: 8, parallelization: 1 };

type Channels = Rooms['channels'];

export interface StartOptions {
  readonly rooms?: RoomsOptions;
  readonly live?: Partial<FanfareOptions<Channels>>;
  /** Told every refusal that the routes leave to the server to record. */
  readonly onRefused?: (error: Error) => void;
}

export interface Logged {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface Running extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly live: Fanfare<Channels>;
  readonly rooms: Rooms;
  readonly server: Server;
  readonly log: readonly Logged[];
  connect(options?: ConnectOptions): Client;
  /** As a backend, in one HTTP POST. */
  publish(channel: string, data: unknown): Promise<Response>;
}

export interface ConnectOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
}

export async function startRooms(options: StartOptions = {}): Promise<Running> {
  const engine = sqlite(':memory:');
  const accounts = createAccounts({ database: engine.database, passwordCost: PASSWORD_COST });
  await accounts.seedDemo();
  const log: Logged[] = [];
  const take = (facts: object, message: string): void => void log.push({ facts: { ...facts }, message });
  const rooms = createRooms({
    accounts,
    logger: { info: take, warn: take, error: take },
    ...options.rooms,
  });
  const live = createFanfare({
    engine,
    channels: rooms.channels,
    authenticate: (req) => accounts.identify(req),
    apiKey: API_KEY,
    ...options.live,
  });
  const { onRefused = () => {} } = options;
  const routes = new Router({ onRefused }).use(rooms.mount(live)).use(accounts.routes);
  const server = createServer((req, res) => {
    if (!routes.handle(req, res)) live.handler(req, res);
  });
  server.on('upgrade', (req, socket, head) => {
    if (!rooms.upgrade(req, socket, head) && !live.upgrade(req, socket, head)) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    ...{ url, port, live, rooms, server, log },
    connect: (how) => new Client(port, how),
    publish: (channel, data) =>
      fetch(`${url}/live/api/publish`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-API-Key': API_KEY },
        body: JSON.stringify({ channel, event: 'room-message', data }),
      }),
    [Symbol.asyncDispose]: async () => {
      await rooms.close();
      server.close();
      await live.close();
      server.closeAllConnections();
    },
  };
}

/** Connections of the hub that are clients: the server itself has one, to hear other Socket.IO servers. */
export function clientsOf({ live }: Running): readonly ConnectionReport[] {
  return live.connections().filter(({ isServer }) => !isServer);
}

export type Message = Readonly<Record<string, unknown>> & { readonly type: string };

/** A client of `/ws`. Its welcome is the first of its messages. */
export class Client implements Disposable {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  #read = 0;

  constructor(port: number, { headers = {}, path = '/ws' }: ConnectOptions = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    this.socket.on('message', (data: RawData) => this.messages.push(JSON.parse(String(data))));
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    this.socket.on('error', () => {});
  }

  /** Anything that is no string is made JSON. */
  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The next message that was not asked for yet. */
  async next(): Promise<Message> {
    const at = this.#read;
    await vi.waitFor(() => expect(this.messages.length).toBeGreaterThan(at), TIMEOUT);
    this.#read += 1;
    return this.messages[at] ?? { type: 'none' };
  }

  /** Sends, and waits for the next message. */
  async ask(message: unknown): Promise<Message> {
    this.send(message);
    return this.next();
  }

  /** Skips the welcome. */
  async welcomed(): Promise<this> {
    expect((await this.next()).type).toBe('welcome');
    return this;
  }

  get clientId(): unknown {
    return this.messages[0]?.['clientId'];
  }

  async ended(): Promise<{ readonly code: number; readonly reason: string } | undefined> {
    await vi.waitFor(() => expect(this.closed).toBeDefined(), TIMEOUT);
    return this.closed;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

export async function login(url: string, username: string): Promise<Record<string, string>> {
  const response = await fetch(`${url}/api/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, password: 'demo' }),
  });
  expect(response.status).toBe(200);
  return { cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}
