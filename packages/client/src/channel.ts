/** One channel as the client follows it: its subscription, its position, its values, and everyone who listens. */
import {
  type ChannelKind,
  decodePosition,
  type EventFrame,
  encodePosition,
  type GapCause,
  type Position,
  type SubscribedFrame,
} from '@fanfare/protocol';
import type { ChannelHost, ChannelSnapshot, EventMeta, Loss, Processing } from './channel-host.ts';
import { ClientError } from './client-error.ts';
import type { Reason } from './connection-phase.ts';
import { EventQueue, itemOf, type QueuedEvent } from './event-queue.ts';
import { Listeners, type Off } from './listeners.ts';
import { earlier, PositionTracker } from './position-tracker.ts';
import { SOLE_KEY, StateValues } from './state-values.ts';
import {
  CLOSED,
  isWanted,
  type SubscriptionEffect,
  type SubscriptionEvent,
  type SubscriptionState,
  stepSubscription,
} from './subscription-machine.ts';

export class Channel {
  readonly name: string;
  readonly #host: ChannelHost;
  readonly #queueLimit: number;
  readonly #tracker = new PositionTracker();
  readonly #values = new StateValues();
  readonly #handlers = new Map<string, Listeners<[unknown, EventMeta]>>();
  readonly #lostListeners = new Listeners<[Loss]>();
  readonly #stores = new Listeners<[]>();
  readonly #queues = new Set<EventQueue>();
  #subscription: SubscriptionState = CLOSED;
  #kind: ChannelKind | undefined;
  #listening = 0;
  /** What the open stream was asked to resume from. */
  #presented: Position | undefined;
  /** The position to start after was none. */
  #unreadable = false;
  /** After which event one was missing; a hole that a second stream has as well is a loss. */
  #holeAfter: Position | undefined;
  #snapshot: ChannelSnapshot | undefined;
  #changed = false;

  constructor(name: string, host: ChannelHost, queueLimit: number) {
    this.name = name;
    this.#host = host;
    this.#queueLimit = queueLimit;
  }

  get listening(): boolean {
    return this.#listening > 0;
  }

  get wanted(): boolean {
    return this.listening && isWanted(this.#subscription);
  }

  /** Refused, but not for good: it is asked for again after a while. */
  get refusedForNow(): boolean {
    return this.#subscription.status === 'refused' && this.#subscription.retry;
  }

  /** The same object until something in it changes. */
  get snapshot(): ChannelSnapshot {
    this.#snapshot ??= {
      subscription: this.#subscription,
      value: this.#values.snapshot.get(SOLE_KEY),
      values: this.#values.snapshot,
    };
    return this.#snapshot;
  }

  /** The last event that everyone who listens is done with. */
  get processed(): Position | undefined {
    let least = this.#tracker.position;
    for (const { processed } of this.#queues) least = processed === undefined ? least : earlier(processed, least);
    return least;
  }

  on(event: string, handler: (data: unknown, meta: EventMeta) => void): Off {
    const handlers = this.#handlers.get(event) ?? new Listeners();
    this.#handlers.set(event, handlers);
    return this.#retain(handlers.add(handler));
  }

  onLost(handler: (loss: Loss) => void): Off {
    return this.#retain(this.#lostListeners.add(handler));
  }

  watch(listener: () => void): Off {
    return this.#retain(this.#stores.add(listener));
  }

  /** `onClose`: the loop was left, or ended with the channel. */
  iterate(onClose: Off): EventQueue {
    const queue: EventQueue = new EventQueue({
      limit: this.#queueLimit,
      from: this.#tracker.position,
      onHungry: () => this.#host.readAgain(this.name),
      onClose: () => {
        release();
        onClose();
      },
    });
    this.#queues.add(queue);
    const release = this.#retain(() => this.#queues.delete(queue));
    return queue;
  }

  /** Takes a position kept from an earlier life, before the first stream. One that cannot be read is a loss, not a mistake. */
  startAfter(text: string): void {
    const position = readPosition(text);
    this.#tracker.moveTo(position);
    this.#unreadable = position === undefined;
  }

  /** The channel is about to be asked for: from where? undefined: from now on. */
  present(): string | undefined {
    let from = this.#tracker.position;
    for (const { missingAfter } of this.#queues) if (missingAfter !== undefined) from = earlier(missingAfter, from);
    this.#presented = from;
    return from && encodePosition(from);
  }

  subscribed(frame: SubscribedFrame): void {
    this.#kind = frame.kind;
    const position = readPosition(frame.position);
    // A position that got no answer was not understood: what came after it did not come to us.
    const presented = this.#presented !== undefined || this.#unreadable;
    const ignored = frame.kind === 'log' && presented && frame.recovered === undefined;
    this.#presented = undefined;
    this.#unreadable = false;
    if (frame.recovered === false || ignored) {
      this.#lose(frame.cause ?? 'invalid', position);
    } else {
      // Values of a state channel follow this frame, and only they move its position: a cut before them must not skip them.
      if (frame.recovered === undefined && frame.kind === 'log') this.#moveTo(position);
      this.#step({ kind: 'confirmed', recovered: frame.recovered === true });
    }
  }

  event(frame: EventFrame): Processing {
    // Of a subscription that was given up: ours has not begun.
    if (this.#kind === undefined) return 'skipped';
    const at = readPosition(frame.position);
    const item = itemOf(frame);
    if (at !== undefined && this.#kind !== 'state') return this.#logEvent(item, at);
    if (this.#kind === 'state') {
      if (!this.#values.apply(frame.key ?? SOLE_KEY, frame.data, at)) return 'skipped';
      this.#touch();
    }
    this.#offer(item, at, this.#kind === 'state' ? 'state' : 'signal');
    this.#dispatch(item);
    if (at !== undefined) this.#tracker.moveTo(at);
    return 'processed';
  }

  /** The server refused the channel, or ended it. */
  deny(reason: Reason, retry: boolean): void {
    this.#step({ kind: 'denied', reason, retry });
  }

  /** The stream is gone; or the user asks for everything again. */
  tell(event: { readonly kind: 'dropped' | 'retried' }): void {
    this.#step(event);
  }

  /** Nobody listens any more, or the client was closed. */
  leave(): void {
    for (const queue of [...this.#queues]) queue.close();
    this.#listening = 0;
    this.#step({ kind: 'left' });
    this.flush();
  }

  /** Tells those who watch, once for all that changed since the last time. */
  flush(): void {
    if (!this.#changed) return;
    this.#changed = false;
    this.#stores.emit([], (cause) => this.#handlerFailed('a subscriber', cause));
  }

  #retain(remove: () => void): Off {
    this.#listening += 1;
    this.#step({ kind: 'listened' });
    this.#host.listenersChanged();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      remove();
      this.#listening = Math.max(0, this.#listening - 1);
      this.#host.listenersChanged();
    };
  }

  #logEvent(item: QueuedEvent, at: Position): Processing {
    const verdict = this.#tracker.judge(at);
    const before = { epoch: at.epoch, offset: at.offset - 1 };
    if (verdict === 'hole') {
      const seenBefore = this.#holeAfter === this.#tracker.position;
      this.#holeAfter = this.#tracker.position;
      if (!seenBefore) return 'hole';
    }
    if (verdict === 'hole' || verdict === 'foreign') this.#lose(verdict === 'hole' ? 'trimmed' : 'epoch', before);
    this.#offer(item, at, 'log');
    if (verdict === 'duplicate') return 'skipped';
    this.#dispatch(item);
    this.#tracker.moveTo(at);
    return 'processed';
  }

  #offer(item: QueuedEvent, at: Position | undefined, kind: ChannelKind): void {
    for (const queue of this.#queues) queue.offer(item, at, kind);
  }

  #dispatch({ event, data, ...rest }: QueuedEvent): void {
    this.#handlers.get(event)?.emit([data, { event, ...rest }], (cause) => this.#handlerFailed(event, cause));
  }

  #lose(cause: GapCause, position: Position | undefined): void {
    if (this.#kind === 'state') {
      this.#values.clear();
      this.#tracker.moveTo(undefined);
      this.#touch();
    } else this.#moveTo(position);
    this.#step({ kind: 'gap', cause });
  }

  #moveTo(position: Position | undefined): void {
    this.#tracker.moveTo(position);
    for (const queue of this.#queues) queue.skipTo(position);
  }

  #step(event: SubscriptionEvent): void {
    const { state, effects } = stepSubscription(this.#subscription, event);
    if (state !== this.#subscription) {
      this.#subscription = state;
      this.#touch();
    }
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: SubscriptionEffect): void {
    switch (effect.kind) {
      case 'tell-lost':
        this.#lostListeners.emit([{ cause: effect.cause }], (cause) => this.#handlerFailed('onLost', cause));
        break;
      case 'tell-refused':
        this.#host.report(new ClientError(effect.reason.code, effect.reason.message, { channel: this.name }));
        break;
      case 'ask-later':
        this.#host.askLater();
        break;
    }
  }

  #touch(): void {
    this.#snapshot = undefined;
    this.#changed = true;
  }

  #handlerFailed(what: string, cause: unknown): void {
    this.#host.report(new ClientError('HANDLER_FAILED', `A handler of ${what} threw.`, { channel: this.name, cause }));
  }
}

function readPosition(text: string | undefined): Position | undefined {
  const read = text === undefined ? undefined : decodePosition(text);
  return read?.ok === true ? read.value : undefined;
}
