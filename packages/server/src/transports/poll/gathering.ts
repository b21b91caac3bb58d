/** One hub connection that lasts as long as a poll needs to gather its answer. */
import type { Position, SubscribedFrame, UnsubscribedFrame } from '@fanfare/protocol';
import type { Connection, Credential, Hub, RefusalCode } from '../../core/index.ts';
import { knownPositions, type ResumePoint } from '../resume.ts';
import { pollEncoding } from './encoding.ts';
import { PollTransport, type Standing } from './transport.ts';

export interface GatheringOptions {
  readonly hub: Hub;
  readonly channels: readonly string[];
  readonly resume: ResumePoint;
  /** The hub ends it at this age, to the next full second. */
  readonly maxAgeMs: number;
  readonly address: string;
  readonly credential: Credential | undefined;
  /** When it began to be let in, as the hub counts disconnections. */
  readonly since: number | undefined;
  /** Of the client, not in use. @default a fresh one */
  readonly id: string | undefined;
}

/** What was gathered; the connection has ended. */
export interface Gathered {
  readonly connection: string;
  /** Shared bytes, each event behind a comma. */
  readonly events: readonly Uint8Array[];
  readonly subscriptions: readonly (SubscribedFrame | UnsubscribedFrame)[];
  /** Where the client stands that has got all of it. */
  readonly standing: Standing;
  readonly lost: boolean;
  /** The next poll begins with events that stand waiting already. */
  readonly more: boolean;
}

/** `closed`: the hub ended it before every channel stood. */
export type CatchUp = 'caught-up' | 'closed' | { readonly refused: RefusalCode };

/** RFC 6455 §7.4.1: the other side is done. */
const NORMAL = 1000;
/** No poll lives so long: it would gather heartbeats. */
const NEVER_MS = 24 * 60 * 60_000;

export class Gathering {
  readonly transport: PollTransport = new PollTransport();
  readonly connection: Connection;
  readonly #options: GatheringOptions;
  #caughtUp = false;

  /** Whether the hub and its channels have room was asked in this very turn. */
  constructor(options: GatheringOptions) {
    const { hub, resume, maxAgeMs, address, credential, since, id } = options;
    this.#options = options;
    this.connection = hub.open(this.transport, {
      encoding: pollEncoding,
      ...{ label: 'poll', transport: 'poll', positions: knownPositions(resume) },
      ...{ maxAgeMs, heartbeatMs: NEVER_MS, address, credential, since },
      ...(id === undefined ? {} : { id }),
    });
    this.transport.attach(this.connection);
  }

  /** Hands over what stood waiting, or as much of it as an answer holds. */
  async catchUp(): Promise<CatchUp> {
    const { channels, resume, since } = this.#options;
    const { connection, transport } = this;
    const joining = channels.map((channel) => {
      const position = resume.get(channel);
      return connection.subscribe(channel, { since, ...(position === undefined ? {} : { position }) });
    });
    // A full answer still has to know that no channel is refused; an ended one knows enough.
    const outcomes = await Promise.race([Promise.all(joining), transport.ended]);
    if (outcomes === undefined) return 'closed';
    const catchingUp: Promise<void>[] = [];
    for (const outcome of outcomes) {
      if (outcome.kind === 'refused') return outcome.code === 'CLOSED' ? 'closed' : { refused: outcome.code };
      if (outcome.caughtUp !== undefined) catchingUp.push(outcome.caughtUp);
    }
    if (catchingUp.length > 0) await Promise.race([Promise.all(catchingUp), transport.over]);
    connection.delivery.flush();
    this.#caughtUp = !transport.isFull && !connection.closed;
    return 'caught-up';
  }

  /** Ends the connection, and everything that belonged to it, at once. */
  end(): Gathered {
    const { connection, transport } = this;
    // What was handed over and not yet written must not be claimed without being told.
    connection.delivery.flush();
    const standing = new Map<string, Position>([...this.#presented(), ...transport.standing]);
    connection.ended(NORMAL);
    return {
      connection: connection.id,
      ...{ events: transport.events, standing, lost: transport.lost },
      subscriptions: [
        ...transport.subscribed.filter(({ channel, kind }) => kind === 'signal' || standing.has(channel)),
        ...transport.withdrawn,
      ],
      more: (transport.isFull || !this.#caughtUp) && !this.#isNewest(standing),
    };
  }

  #isNewest(standing: Standing): boolean {
    const { hub } = this.#options;
    for (const [channel, position] of standing) if (!hub.isNewest(channel, position)) return false;
    return true;
  }

  /** Channels that the answer is too full to begin with: the client stands where it said. */
  #presented(): Standing {
    return this.transport.isFull ? knownPositions(this.#options.resume) : new Map();
  }
}
