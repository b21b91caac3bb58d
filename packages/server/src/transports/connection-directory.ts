/** The connections that a request beside them may reach [PROTOCOL §14]: by id, and only by those to whom they belong. */
import type { Connection, Hub } from '../core/index.ts';

export class ConnectionDirectory {
  readonly #hub: Pick<Hub, 'connection'>;
  readonly #aliases = new Map<string, Connection>();

  constructor(hub: Pick<Hub, 'connection'>) {
    this.#hub = hub;
  }

  /** Lets a connection be found by another id than its own: that of the answer before it, for a poll that waits. */
  put(id: string, connection: Connection): void {
    this.#aliases.set(id, connection);
  }

  /** Nothing happens where another connection has taken the id meanwhile. */
  remove(id: string, connection: Connection): void {
    if (this.#aliases.get(id) === connection) this.#aliases.delete(id);
  }

  /** `subject`: '' for nobody in particular. A WebSocket has its own way back, and a system's own stream has none. */
  find(id: string, subject: string): Connection | undefined {
    const connection = this.#aliases.get(id) ?? this.#hub.connection(id);
    if (connection === undefined || connection.closed || connection.identity !== subject) return undefined;
    return connection.transport === undefined || connection.transport === 'ws' ? undefined : connection;
  }
}
