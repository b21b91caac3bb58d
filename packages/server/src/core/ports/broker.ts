/** What core asks of an engine. Every engine passes the same suite (`describeEngine` in the testkit). */
import type { Ack, GapCause, Position } from '@fanfare/protocol';

/** One event as an engine keeps it. `dataJson` was serialised once, by the hub, and is never parsed again on the server. */
export interface StoredEvent {
  readonly channel: string;
  readonly event: string;
  readonly dataJson: string;
  /** Which of many values, on keyed state channels; '' elsewhere. */
  readonly key: string;
  /** Of the channel's history; offsets of two epochs do not compare. */
  readonly epoch: string;
  /** 1-based, contiguous per channel. 0: a signal, which has no position. */
  readonly offset: number;
  /** Wall clock at append, milliseconds. */
  readonly time: number;
}

/** How long an engine keeps a channel's events. `newest`: the newest per key (state). `window`: the last N and no older than T. */
export type Retention =
  | { readonly kind: 'newest' }
  | { readonly kind: 'window'; readonly count?: number; readonly ageMs?: number };

export interface AppendRequest {
  readonly channel: string;
  readonly event: string;
  readonly dataJson: string;
  readonly key: string;
  readonly retention: Retention;
  /** Within the idempotency window the same (channel, key) is stored once; a duplicate answers with the first position. */
  readonly idempotencyKey?: string | undefined;
}

export interface Appended {
  readonly position: Position;
  readonly duplicate: boolean;
  readonly ack: Ack;
}

/** Never partial: every kept event after the position in order, up to `limit`, or a gap with its cause. */
export type ReadOutcome =
  | {
      readonly kind: 'events';
      readonly events: readonly StoredEvent[];
      /** Newest position of the channel at the time of the read. */
      readonly head: Position;
      /** More follow after the last of `events`. */
      readonly more: boolean;
    }
  | { readonly kind: 'gap'; readonly cause: GapCause; readonly head: Position };

export interface ReadRequest {
  readonly channel: string;
  readonly retention: Retention;
  /** undefined: from the oldest kept. */
  readonly after: Position | undefined;
  readonly limit: number;
}

/**
 * Keeps and orders the events of channels.
 * - `append` is atomic with fan-out per channel: whoever follows the channel gets every appended event, in offset order,
 *   without holes, and none before it is as durable as the ack says. Rejects with EngineUnavailable when it cannot; then
 *   nothing was stored or will be delivered, unless the outcome is truly unknown (`unknown: true` on the error).
 * - `broadcast` reaches whoever follows now and keeps nothing (signals).
 * - `follow` begins with the next event after the call. The listener runs synchronously and never throws. Of what another
 *   process appends, which shares the engine: with the first event after whatever `head` or `read` answers next.
 * - Where an engine was cut off from what it shares, it makes up for it in order. What is no longer kept by then is skipped, and
 *   so are values of `newest` that a newer one replaced: the offsets jump, or the epoch changes.
 * - For retention `window`, `read` after a position is contiguous or a gap: 'epoch' (another history), 'ahead' (not yet
 *   written), 'trimmed' (older than kept). For `newest` it is the newest value of every key changed since; never 'trimmed'.
 */
export interface Broker {
  append(request: AppendRequest): Promise<Appended>;
  broadcast(event: { readonly channel: string; readonly event: string; readonly dataJson: string }): void;
  read(request: ReadRequest): Promise<ReadOutcome>;
  head(channel: string): Promise<Position>;
  follow(channel: string, listener: FollowListener): Unfollow;
}

/** All events of one channel that became visible together (one commit), in offset order; never empty. */
export type FollowListener = (events: readonly StoredEvent[]) => void;
export type Unfollow = () => void;

/** An engine as the composition root holds it: a broker with a life. */
export interface Engine {
  /** In messages for people: `sqlite`. */
  readonly name: string;
  readonly broker: Broker;
  /** Ready to take appends? */
  health(): { readonly ready: true } | NotReady;
  /** Finishes what was accepted, then lets go of files and sockets. Idempotent. */
  close(): Promise<void>;
}

export interface NotReady {
  readonly ready: false;
  /** For operators: everything that helps, addresses and users too. */
  readonly reason: string;
  /** What /readyz tells anybody. @default the reason */
  readonly shown?: string;
}

/** Thrown by `append` and `read`: the engine cannot do it now; the caller may retry with the same idempotency key. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable';
  /** It may have been stored all the same: the same idempotency key finds out. */
  readonly unknown: boolean;
  constructor(message: string, options: { readonly cause?: unknown; readonly unknown?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.unknown = options.unknown ?? false;
  }
}
