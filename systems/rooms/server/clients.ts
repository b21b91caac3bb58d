/** Who is connected to the rooms, over either protocol: for whoever embeds them, for an admin, for the log. */
import type { OwnConnection } from 'fanfare';
import { meaningOf } from './close-words.ts';
import { roomsOf } from './desk.ts';

export type Protocol = 'websocket' | 'socket.io';

/** One client. A record that the endpoints hold, and that ends with the wire. */
export interface RoomsClient {
  readonly clientId: string;
  readonly protocol: Protocol;
  readonly connection: OwnConnection;
  /** Wall clock, milliseconds. */
  readonly connectedAt: number;
  /** Messages that came from it. */
  received: number;
  /** Messages that went to it past the hub. */
  answered: number;
}

export interface ClientReport {
  readonly clientId: string;
  /** As the operator's lists of connections show it. */
  readonly connection: string;
  readonly protocol: Protocol;
  readonly connectedAt: string;
  readonly ageMs: number;
  readonly address: string;
  /** Subject of whoever is signed in; null: nobody. */
  readonly user: string | null;
  readonly rooms: readonly string[];
  readonly messagesIn: number;
  readonly messagesOut: number;
}

/** Whatever takes log lines: pino does. */
export interface RoomsLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface ClientsOptions {
  readonly logger: RoomsLogger | undefined;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

/** How a client left. */
export interface Leaving {
  readonly code: number;
  readonly reason: string;
  readonly by: 'client' | 'server';
}

export class Clients {
  readonly #options: ClientsOptions;
  readonly #clients = new Map<string, RoomsClient>();
  readonly #closes = new Map<number, number>();
  #connections = 0;
  #messagesIn = 0;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#clients.size;
  }

  add(client: RoomsClient): void {
    this.#clients.set(client.clientId, client);
    this.#connections += 1;
    const { clientId, protocol, connection } = client;
    this.#options.logger?.info({ clientId, protocol, address: connection.address }, 'client connected');
  }

  /** Counts one message of a client. */
  heard(client: RoomsClient): void {
    client.received += 1;
    this.#messagesIn += 1;
  }

  /** Logs how it ended, and counts it. Told once per client. */
  remove(client: RoomsClient, { code, reason, by }: Leaving): void {
    if (!this.#clients.delete(client.clientId)) return;
    this.#closes.set(code, (this.#closes.get(code) ?? 0) + 1);
    const { clientId, protocol, connection, received, answered, connectedAt } = client;
    const ageMs = this.#options.now() - connectedAt;
    const counts = { messagesIn: received, messagesOut: connection.sent + answered };
    const end = { code, meaning: meaningOf(code), reason, by };
    this.#options.logger?.info({ clientId, protocol, ...end, ageMs, ...counts }, 'client disconnected');
  }

  reports(): readonly ClientReport[] {
    const now = this.#options.now();
    return Array.from(this.#clients.values(), (client) => reportOf(client, now));
  }

  /** Rooms that somebody connected here is in. */
  rooms(): readonly string[] {
    const rooms = new Set<string>();
    for (const { connection } of this.#clients.values()) for (const room of roomsOf(connection)) rooms.add(room);
    return [...rooms].sort();
  }

  counts(): RoomsCounts {
    const closes = [...this.#closes].sort(([a], [b]) => a - b);
    return {
      connections: this.#connections,
      messagesIn: this.#messagesIn,
      closes: closes.map(([code, count]) => ({ code, meaning: meaningOf(code), count })),
    };
  }
}

/** Since the start. */
export interface RoomsCounts {
  readonly connections: number;
  readonly messagesIn: number;
  readonly closes: readonly { readonly code: number; readonly meaning: string; readonly count: number }[];
}

function reportOf(client: RoomsClient, now: number): ClientReport {
  const { clientId, protocol, connection, connectedAt, received, answered } = client;
  return {
    clientId,
    connection: connection.id,
    protocol,
    connectedAt: new Date(connectedAt).toISOString(),
    ageMs: now - connectedAt,
    address: connection.address,
    user: connection.identity?.subject ?? null,
    rooms: roomsOf(connection),
    messagesIn: received,
    messagesOut: connection.sent + answered,
  };
}
