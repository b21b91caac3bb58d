/** Ends connections, or single subscriptions, by whose they are: on every server that shares the engine. */
import { describeError, describeValue } from '@fanfare/protocol';
import type { Broker, Connection, Entropy } from '../core/index.ts';

/** At least one of them; all that are given must fit. */
export interface DisconnectTarget {
  readonly subject?: string;
  /** Id of the token that they were opened with. */
  readonly tokenId?: string;
  /** Id of one connection. */
  readonly connection?: string;
  /** Ends only the subscriptions to this channel; the connections stay. */
  readonly channel?: string;
}

/** What ended on this server. */
export interface Disconnected {
  readonly connections: number;
  readonly subscriptions: number;
}

export interface DisconnectionsOptions {
  readonly broker: Pick<Broker, 'broadcast' | 'follow'>;
  readonly entropy: Pick<Entropy, 'id'>;
  readonly connections: () => Iterable<Connection>;
}

/** No client can name it: the channel map has no names that begin so. */
const CHANNEL = '_fanfare:disconnections';
const FIELDS = ['subject', 'tokenId', 'connection', 'channel'] as const;

export class Disconnections {
  readonly #options: DisconnectionsOptions;
  readonly #server: string;
  readonly #unfollow: () => void;

  constructor(options: DisconnectionsOptions) {
    this.#options = options;
    this.#server = options.entropy.id();
    this.#unfollow = options.broker.follow(CHANNEL, (events) => {
      for (const { dataJson } of events) this.#heard(dataJson);
    });
  }

  /**
   * Connections are closed with `disconnectedByOperator`, which is final; a subscription ends with FORBIDDEN. Throws a TypeError for a
   * target that names nobody.
   */
  disconnect(target: DisconnectTarget): Disconnected {
    const checked = readTarget(target);
    const dataJson = JSON.stringify({ from: this.#server, target: checked });
    this.#options.broker.broadcast({ channel: CHANNEL, event: 'disconnect', dataJson });
    return this.#end(checked);
  }

  close(): void {
    this.#unfollow();
  }

  #heard(dataJson: string): void {
    const { from, target }: Readonly<Record<string, unknown>> = Object(JSON.parse(dataJson));
    if (from !== this.#server) this.#end(readTarget(target));
  }

  #end({ subject, tokenId, connection: id, channel }: DisconnectTarget): Disconnected {
    const ended = { connections: 0, subscriptions: 0 };
    for (const connection of [...this.#options.connections()]) {
      if (subject !== undefined && connection.identity !== subject) continue;
      if (tokenId !== undefined && connection.credential?.tokenId !== tokenId) continue;
      if (id !== undefined && connection.id !== id) continue;
      if (channel === undefined) {
        connection.close('disconnectedByOperator');
        ended.connections += 1;
      } else if (
        connection.unsubscribe(channel, { code: 'FORBIDDEN', reason: describeError('FORBIDDEN', 'en', { channel }) })
      ) {
        ended.subscriptions += 1;
      }
    }
    return ended;
  }
}

/** Throws a TypeError on what is no target. */
export function readTarget(target: unknown): DisconnectTarget {
  const fields: Readonly<Record<string, unknown>> = Object(target);
  const entries = FIELDS.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]] as const]));
  const isKnown = Object.keys(fields).every((name) => FIELDS.some((field) => field === name));
  if (isKnown && entries.length > 0 && entries.every(([, value]) => typeof value === 'string' && value !== '')) {
    return Object.fromEntries(entries);
  }
  throw new TypeError(
    `disconnect: expected { subject, tokenId, connection, channel }, one at least, got ${describeValue(target)}.`,
  );
}
