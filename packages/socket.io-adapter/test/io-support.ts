/** Socket.IO servers on one engine, and stock clients. Disposable: `await using`. */
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AdapterOptions, createAdapter, hardenedOptions, socketIoChannels } from '@fanfare/socket.io-adapter';
import { type Check, createFanfare, type Engine, type Fanfare, log, memory } from 'fanfare';
import { Server, type ServerOptions } from 'socket.io';
import { io as connectTo, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { expect, vi } from 'vitest';

/** From the one up to, and without, the other. */
export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

export const TIMEOUT = { timeout: 20_000, interval: 5 };

function channelsWith(mayJoin: Check) {
  return {
    ...socketIoChannels(),
    'room:{room}': log({ access: 'public' }),
    'ruled:{room}': log({ access: { subscribe: mayJoin } }),
  };
}

export interface IoServer {
  readonly live: Fanfare<ReturnType<typeof channelsWith>>;
  readonly io: Server;
  readonly http: HttpServer;
  readonly port: number;
  readonly errors: unknown[];
  connect(options?: Partial<ManagerOptions & SocketOptions>): Client;
  close(): Promise<void>;
}

export interface Options {
  readonly engine?: Engine;
  /** The rule of the channels that are `ruled:`. @default public */
  readonly mayJoin?: Check;
  readonly adapter?: Partial<AdapterOptions>;
  readonly server?: Partial<ServerOptions>;
}

export async function startIo(options: Options = {}): Promise<IoServer & AsyncDisposable> {
  const live = createFanfare({
    engine: options.engine ?? memory(),
    channels: channelsWith(options.mayJoin ?? 'public'),
  });
  const http = createServer(live.handler);
  const errors: unknown[] = [];
  const io = new Server(http, {
    ...hardenedOptions(),
    connectionStateRecovery: { skipMiddlewares: false },
    adapter: createAdapter({
      live,
      channelOf: (room) => (/^(room|ruled):/.test(room) ? room : undefined),
      onError: (error) => errors.push(error),
      heartbeatIntervalMs: 300,
      ...options.adapter,
    }),
    ...options.server,
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const clients: Client[] = [];
  const close = async (): Promise<void> => {
    for (const client of clients) client.socket.disconnect();
    await io.close();
    http.closeAllConnections();
    await live.close();
  };
  return {
    ...{ live, io, http, port, errors, close },
    connect: (how = {}) => {
      const client = new Client(`http://127.0.0.1:${port}`, how);
      clients.push(client);
      return client;
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Two servers that share an engine, as two processes would share Redis. */
export async function startTwo(
  options: Options = {},
): Promise<{ readonly a: IoServer; readonly b: IoServer } & AsyncDisposable> {
  const engine = memory();
  const a = await startIo({ ...options, engine });
  const b = await startIo({ ...options, engine });
  // Each knows of the other.
  await vi.waitFor(async () => {
    expect([await countOf(a), await countOf(b)]).toEqual([2, 2]);
  }, TIMEOUT);
  return {
    ...{ a, b },
    [Symbol.asyncDispose]: async () => {
      await a.close();
      await b.close();
    },
  };
}

/** Its clients may join rooms and leave them. */
export function withJoin({ io }: IoServer): void {
  io.on('connection', (socket) => {
    socket.on('join', async (room: string, done: () => void) => {
      await socket.join(room);
      done();
    });
    socket.on('leave', async (room: string, done: () => void) => {
      await socket.leave(room);
      done();
    });
  });
}

function countOf({ io }: IoServer): Promise<number> {
  return io.of('/').adapter.serverCount();
}

export class Client {
  readonly socket: Socket;
  /** Name and arguments of every event, in order. */
  readonly events: (readonly unknown[])[] = [];

  constructor(url: string, options: Partial<ManagerOptions & SocketOptions>) {
    this.socket = connectTo(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 20,
      reconnectionDelayMax: 100,
      ...options,
    });
    this.socket.onAny((...event: unknown[]) => this.events.push(event));
  }

  async connected(): Promise<this> {
    await vi.waitFor(() => expect(this.socket.connected).toBe(true), TIMEOUT);
    return this;
  }

  /** First arguments of the events of a name. */
  of(name: string): readonly unknown[] {
    return this.events.filter(([event]) => event === name).map(([, first]) => first);
  }

  async got(name: string, count: number): Promise<readonly unknown[]> {
    await vi.waitFor(() => expect(this.of(name).length).toBeGreaterThanOrEqual(count), TIMEOUT);
    return this.of(name);
  }

  /** The wire breaks, without a word. */
  cut(): void {
    this.socket.io.engine.close();
  }
}
