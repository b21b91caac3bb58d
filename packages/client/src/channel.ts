/** One channel as the client follows it: its subscription, its position, its values, and everyone who listens. */
import type { ChannelKind, EventFrame, GapCause, SubscribedFrame } from '@fanfare/protocol';
import type { ChannelHost, ChannelSnapshot, Laggards, Listener } from './channel-host.ts';
import { ClientError, errorOf } from './client-error.ts';
import type { Reason } from './connection-phase.ts';
import { type Off, tellAll } from './listeners.ts';
import { isUpTo, type Position, positionAt, readPosition } from './position.ts';
import type { SubscriptionState } from './subscription-state.ts';

interface Value {
  readonly data: unknown;
  readonly at: Position | undefined;
}

const SUBSCRIBING: SubscriptionState = { status: 'subscribing' };

/** Lives while somebody listens. */
export class Channel {
  readonly name: string;
  readonly #host: ChannelHost;
  /** With the handle that each came by. */
  readonly #listeners = new Map<Listener, unknown>();
  /** Of a state, by key; '' is the key of a value that has none. */
  readonly #values = new Map<string, Value>();
  #kind: ChannelKind | undefined;
  #subscription = SUBSCRIBING;
  /** The last event whose handlers ran, or where delivery begins. */
  at: Position | undefined;
  /** Those who may lag behind it. */
  loops?: Laggards;
  /** Kept from an earlier life; whether it is a position is the server's to say. */
  #after: string | undefined;
  /** The request that has no answer yet said where to begin. */
  #isResumed = false;
  /** After which event one was missing; a hole that a second stream has as well is a loss. */
  #holeAfter: Position | undefined;
  #snapshot: ChannelSnapshot | undefined;
  #isTouched = false;

  constructor(name: string, host: ChannelHost, after: string | undefined) {
    this.name = name;
    this.#host = host;
    this.#after = after;
    this.at = readPosition(after);
  }

  get isListenedTo(): boolean {
    return this.#listeners.size > 0;
  }

  /** Whether it belongs in the next request. A final refusal does not: it could fail the channels beside it. */
  get isWanted(): boolean {
    return this.isListenedTo && (this.#subscription.status !== 'refused' || this.#subscription.retry);
  }

  /** The same object until something in it changes. */
  get snapshot(): ChannelSnapshot {
    if (this.#snapshot === undefined) {
      const values = new Map([...this.#values].map(([key, { data }]) => [key, data]));
      this.#snapshot = { subscription: this.#subscription, value: values.get(''), values };
    }
    return this.#snapshot;
  }

  /** The last event that everyone who listens is done with. */
  get processed(): Position | undefined {
    return this.loops ? this.loops.least('processed', this.at) : this.at;
  }

  listen(listener: Listener, owner: unknown): Off {
    this.#listeners.set(listener, owner);
    this.#host.wantedChanged();
    return () => this.#remove(listener);
  }

  /** Those of this owner listen no more. */
  release(owner: unknown): void {
    for (const [listener, its] of this.#listeners) if (its === owner) this.#remove(listener);
  }

  /** The client has let go of it: everyone is told, and nobody listens any more. */
  close(): void {
    this.#tell((listener) => listener.changed?.());
    for (const listener of this.#listeners.keys()) this.#remove(listener);
  }

  /** The channel is about to be asked for: from where? undefined: from now on. */
  present(): string | undefined {
    const complete = this.loops ? this.loops.least('missingAfter', this.at) : this.at;
    const from = complete?.text ?? this.#after;
    this.#isResumed = from !== undefined;
    return from;
  }

  subscribed({ kind, position, recovered, cause }: SubscribedFrame): void {
    this.#kind = kind;
    const at = readPosition(position);
    // A position that got no answer was not understood: what came after it did not come to us.
    if (recovered === false || (recovered === undefined && this.#isResumed && kind === 'log')) {
      this.#lose(cause ?? 'invalid', at);
    } else {
      // Values of a state channel follow this frame, and only they move its position: a cut before them must not skip them.
      if (recovered === undefined && kind === 'log') this.#moveTo(at);
      this.#become({ status: 'subscribed', recovered: recovered === true });
    }
    this.#after = undefined;
    this.#isResumed = false;
  }

  /** false: an event before this one did not arrive; the stream is not to be trusted further. */
  event(frame: EventFrame): boolean {
    const kind = this.#kind;
    const at = readPosition(frame.position);
    // Of a subscription that was given up: ours has not begun.
    if (kind === undefined) return true;
    if (kind === 'log' && at && this.#hasHole(at)) return false;
    const isNew = kind === 'state' ? this.#keep(frame, at) : !at || !isUpTo(at, this.at);
    if (isNew || kind === 'log') this.loops?.offer(frame, at, kind);
    if (!isNew) return true;
    this.#tell((listener) => listener.event?.(frame));
    this.at = at ?? this.at;
    return true;
  }

  /** The server refused the channel, or ended it. */
  deny(reason: Reason, retry: boolean): void {
    this.#become({ status: 'refused', reason, retry });
    this.#host.report(new ClientError(reason.code, reason.message, { channel: this.name }));
  }

  /** The stream is gone; what was missed is replayed by the next. */
  dropped(): void {
    if (this.#subscription.status !== 'refused') this.#become(SUBSCRIBING);
  }

  /** It is time to ask again for what was refused for now, or, the user says so, for `all`: is this one of them? */
  retried(all?: boolean): boolean {
    const isRefused = this.#subscription.status === 'refused' && (all || this.#subscription.retry);
    if (isRefused) this.#become(SUBSCRIBING);
    return isRefused;
  }

  /** Tells those who watch, once for all that changed since the last time. */
  flush(): void {
    if (!this.#isTouched) return;
    this.#isTouched = false;
    this.#tell((listener) => listener.changed?.());
  }

  #remove(listener: Listener): void {
    if (!this.#listeners.delete(listener)) return;
    listener.ended?.();
    this.#host.wantedChanged();
  }

  /** Whether events are missing before this one: the first time the channel is to be read again, the second time they are lost. */
  #hasHole(at: Position): boolean {
    const last = this.at;
    if (last === undefined || isUpTo(at, last)) return false;
    const isForeign = last.epoch !== at.epoch;
    if (!isForeign && at.offset === last.offset + 1) return false;
    if (!isForeign && this.#holeAfter !== last) {
      this.#holeAfter = last;
      return true;
    }
    this.#lose(isForeign ? 'epoch' : 'trimmed', positionAt(at.epoch, at.offset - 1));
    return false;
  }

  /** false: the value is here already, or a newer one. */
  #keep({ key = '', data }: EventFrame, at: Position | undefined): boolean {
    if (at && isUpTo(at, this.#values.get(key)?.at)) return false;
    this.#values.set(key, { data, at });
    this.#touch();
    return true;
  }

  #lose(cause: GapCause, position: Position | undefined): void {
    if (this.#kind === 'state') {
      // Keys that the new history does not have must not stay.
      this.#values.clear();
      this.at = undefined;
    } else this.#moveTo(position);
    this.#become({ status: 'lost', cause });
    this.#tell((listener) => listener.lost?.({ cause }));
  }

  #moveTo(position: Position | undefined): void {
    this.at = position;
    this.loops?.skipTo(position);
  }

  #become(state: SubscriptionState): void {
    this.#subscription = state;
    this.#touch();
  }

  #touch(): void {
    this.#snapshot = undefined;
    this.#isTouched = true;
    this.#host.touched();
  }

  #tell(tell: (listener: Listener) => unknown): void {
    tellAll(this.#listeners, tell, (cause) => this.#host.report(errorOf('HANDLER_FAILED', cause, this.name)));
  }
}
