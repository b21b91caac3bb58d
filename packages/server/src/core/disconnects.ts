/**
 * Ends connections, or single subscriptions, by whose they are; and remembers whom, for those who were being let in meanwhile: who was
 * asked about before the end, and stands after it, would have escaped it.
 */
import { describeError } from '@fanfare/protocol';
import type { Connection } from './connection.ts';

/** At least one of them; all that are given must fit. */
export interface DisconnectTarget {
  /** Whose connections. */
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
  /** That were closed. */
  readonly connections: number;
  /** That ended while their connections go on. */
  readonly subscriptions: number;
}

/** Whose a connection is, or is about to be. */
export type Whose = Pick<Connection, 'id' | 'identity' | 'credential'>;

/** `forgotten`: it took so long to be let in that it cannot be told any more; it has to come again. */
export type Reached = 'spared' | 'ended' | 'forgotten';

/** More than may end while one client is let in: 4 s of a thousand a second. */
const MAX_REMEMBERED = 4096;

export class Disconnects {
  readonly #connections: () => Iterable<Connection>;
  /** The last ones; the newest ends at `#mark`. */
  readonly #recent: DisconnectTarget[] = [];
  /** Of requests that an application lets in by itself. */
  readonly #asked = new WeakMap<object, number>();
  #mark = 0;

  constructor(connections: () => Iterable<Connection>) {
    this.#connections = connections;
  }

  /** How many there have been: taken when somebody begins to be let in, and handed over once that is decided. */
  get mark(): number {
    return this.#mark;
  }

  /** An application begins to let somebody in: a request, of which it hands over nothing but itself. */
  ask(request: object): void {
    this.#asked.set(request, this.#mark);
  }

  /** The mark of when this request was asked about last; now, where nobody did. */
  asked(request: object): number {
    return this.#asked.get(request) ?? this.#mark;
  }

  /** Connections are closed with `disconnectedByOperator`, which is final; a subscription ends with FORBIDDEN. */
  end(target: DisconnectTarget): Disconnected {
    this.#mark += 1;
    this.#recent.push(target);
    // In halves: one by one, each would move all the others.
    if (this.#recent.length >= 2 * MAX_REMEMBERED) this.#recent.splice(0, MAX_REMEMBERED);
    const ended = { connections: 0, subscriptions: 0 };
    const { channel } = target;
    // In words once, and not for each of ten thousand.
    const why = channel === undefined ? {} : whyOf(channel);
    for (const connection of [...this.#connections()]) {
      if (!isTarget(target, connection)) continue;
      if (channel === undefined) {
        connection.close('disconnectedByOperator');
        ended.connections += 1;
      } else if (connection.unsubscribe(channel, why)) {
        ended.subscriptions += 1;
      }
    }
    return ended;
  }

  /** Has it been ended since the mark: the whole of it, or its subscription to a channel? @default since: it is let in this very moment */
  reached(since: number | undefined, whose: Whose, channel?: string): Reached {
    const missed = since === undefined ? 0 : this.#mark - since;
    if (missed <= 0) return 'spared';
    if (missed > this.#recent.length) return 'forgotten';
    const isEnded = this.#recent.slice(-missed).some((target) => target.channel === channel && isTarget(target, whose));
    return isEnded ? 'ended' : 'spared';
  }
}

function whyOf(channel: string): { readonly code: 'FORBIDDEN'; readonly reason: string } {
  return { code: 'FORBIDDEN', reason: describeError('FORBIDDEN', 'en', { channel }) };
}

function isTarget({ subject, tokenId, connection }: DisconnectTarget, whose: Whose): boolean {
  return (
    (subject === undefined || whose.identity === subject) &&
    (tokenId === undefined || whose.credential?.tokenId === tokenId) &&
    (connection === undefined || whose.id === connection)
  );
}
