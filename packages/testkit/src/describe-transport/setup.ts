/** What the suite needs of a server, and what it takes for granted about its channels and users. */
import type { AnyFanfare, FanfareOptions } from 'fanfare';
import { vi } from 'vitest';
import { type ConnectWire, WAIT, type WireClient, type WireOptions } from './wire-client.ts';

/** What a test may set about its server. */
export type ServerSettings = Pick<
  FanfareOptions<Record<string, never>>,
  'limits' | 'heartbeatMs' | 'transports' | 'onError' | 'apiKey'
>;

export interface WireServer extends AsyncDisposable {
  readonly live: AnyFanfare;
  readonly port: number;
}

/**
 * A server on a free port of the loopback, with these channels:
 * - for everybody to read: `log:{id}`, `short:{id}` (keeps 3), `small:{id}` (one subscriber), `state:{id}`, `signal:{id}`
 * - for everybody to publish on, too: `open:{id}` (log; event `said` with a text, nothing else), `dial:{id}` (state; a number),
 *   `whisper:{id}` (signal)
 * - `mine:{user}` (log): its user reads and publishes; others get 403 FORBIDDEN, nobody in particular 401 UNAUTHENTICATED
 * - `staff:{id}` (log): read by whoever has the role `staff`, else FORBIDDEN
 * - `crowded:{id}`: the rule says 429 RATE_LIMITED; `broken:{id}`: the rule throws
 * and with users by `Authorization: Bearer NAME`, or `NAME+ROLE`; `expired` is refused with CREDENTIAL_EXPIRED, and `fault`
 * is an error of the server's own.
 */
export type StartServer = (settings?: ServerSettings) => Promise<WireServer>;

export interface TransportSetup {
  readonly start: StartServer;
  readonly connect: ConnectWire;
  /** Frames come by themselves, and the end of the wire is told on it: everything but polling. */
  readonly isStream: boolean;
}

/** A server and its clients, ended together. */
export class WireFixture implements AsyncDisposable {
  readonly live: AnyFanfare;
  readonly port: number;
  readonly #server: WireServer;
  readonly #connect: ConnectWire;
  readonly #clients: WireClient[] = [];

  static async open(setup: TransportSetup, settings: ServerSettings = {}): Promise<WireFixture> {
    return new WireFixture(await setup.start(settings), setup.connect);
  }

  private constructor(server: WireServer, connect: ConnectWire) {
    this.#server = server;
    this.live = server.live;
    this.port = server.port;
    this.#connect = connect;
  }

  /** @default to the server itself, and not to a proxy before it */
  async client(options: Omit<WireOptions, 'port'> & { readonly port?: number }): Promise<WireClient> {
    const client = await this.#connect({ port: this.port, ...options });
    this.#clients.push(client);
    return client;
  }

  /** Waits until so many clients listen at this moment: between two polls nobody does. */
  async listening(clients = 1): Promise<void> {
    const listen = (): boolean => {
      const connections = this.live.connections();
      return connections.length >= clients && connections.every(({ channels }) => channels.length > 0);
    };
    await vi.waitUntil(listen, WAIT);
  }

  async publish(channel: string, data: unknown, event = 'e'): Promise<string> {
    const { position } = await this.live.api.publish({ channel, event, data });
    return position ?? '';
  }

  async set(channel: string, data: unknown, key?: string): Promise<string> {
    const { position } = await this.live.api.set({ channel, data, key });
    return position ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client[Symbol.dispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}
