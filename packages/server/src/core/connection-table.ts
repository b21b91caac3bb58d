/** The open connections of a hub: by id, and how many of them each user and each network has. */
import type { Connection } from './connection.ts';
import type { HubLimits } from './limits.ts';

/** Who asks for a connection. '': nobody in particular, or not known. */
export interface Newcomer {
  /** Subject. */
  readonly identity: string;
  readonly address: string;
}

/** A bound that the next connection would exceed. */
export type RoomLimit = 'maxConnections' | 'maxConnectionsPerUser' | 'maxConnectionsPerAddress';

export interface ConnectionTableOptions {
  readonly limits: HubLimits;
  /** Who counts as one address; '': it is not counted. */
  readonly networkOf: (address: string) => string;
}

export class ConnectionTable {
  readonly #options: ConnectionTableOptions;
  readonly #byId = new Map<string, Connection>();
  readonly #perUser = new Map<string, number>();
  readonly #perNetwork = new Map<string, number>();
  #servers = 0;

  constructor(options: ConnectionTableOptions) {
    this.#options = options;
  }

  /** Clients. */
  get size(): number {
    return this.#byId.size - this.#servers;
  }

  get(id: string): Connection | undefined {
    return this.#byId.get(id);
  }

  values(): Iterable<Connection> {
    return this.#byId.values();
  }

  add(connection: Connection): void {
    this.#byId.set(connection.id, connection);
    if (connection.isServer) this.#servers += 1;
    count(this.#perUser, connection.identity, 1);
    count(this.#perNetwork, this.#options.networkOf(connection.address), 1);
  }

  /** Idempotent. */
  remove(connection: Connection): void {
    if (this.#byId.get(connection.id) !== connection) return;
    this.#byId.delete(connection.id);
    if (connection.isServer) this.#servers -= 1;
    count(this.#perUser, connection.identity, -1);
    count(this.#perNetwork, this.#options.networkOf(connection.address), -1);
  }

  /** An open connection has become another user's. */
  identified(connection: Connection, before: string): void {
    if (this.#byId.get(connection.id) !== connection) return;
    count(this.#perUser, before, -1);
    count(this.#perUser, connection.identity, 1);
  }

  /** Has this user all the connections that one user may have? */
  isFull(identity: string): boolean {
    return (this.#perUser.get(identity) ?? 0) >= this.#options.limits.maxConnectionsPerUser;
  }

  /** Which bound leaves no room for one more of this user, from this address; undefined: none. */
  exceeded({ identity, address }: Newcomer): RoomLimit | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#options.limits;
    if (this.size >= maxConnections) return 'maxConnections';
    if (this.isFull(identity)) return 'maxConnectionsPerUser';
    const onNetwork = this.#perNetwork.get(this.#options.networkOf(address)) ?? 0;
    return onNetwork >= maxConnectionsPerAddress ? 'maxConnectionsPerAddress' : undefined;
  }
}

/** Nobody in particular is not counted; who has none left is forgotten. */
function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  if (key === '') return;
  const now = (counts.get(key) ?? 0) + by;
  if (now <= 0) counts.delete(key);
  else counts.set(key, now);
}
