/**
 * What leaves on one connection: one write per turn while the peer keeps up, a bounded outbox while it does not, history
 * in slices that wait for the peer. Knows where the client stands, since it alone knows what was handed to the wire.
 */
import { type ControlFrame, CursorWriter, encodePosition, type Position } from '@fanfare/protocol';
import type { EventBatch } from './event-batch.ts';
import type { FramedEvent } from './framed-event.ts';
import type { HubLimits } from './limits.ts';
import { Outbox } from './outbox.ts';
import type { Clock } from './ports/clock.ts';
import type { ControlFacts, Encoding, Transport } from './ports/transport.ts';
import type { Recipient, Subscription } from './subscription.ts';
import type { DirtyConnection, Turn } from './turn.ts';

/** Shared by all deliveries of a hub; one object, so that a connection carries no closures of its own. */
export interface DeliveryHost {
  readonly clock: Clock;
  readonly limits: HubLimits;
  readonly turn: Turn;
  readonly counters: DeliveryCounters;
  /** Deliveries whose peer is behind; swept once a second. */
  readonly blocked: Set<Delivery>;
}

export interface DeliveryCounters {
  delivered: number;
  conflated: number;
  droppedSignals: number;
}

/** The connection, as its delivery sees it. */
export interface DeliveryOwner {
  /** The peer took too little for too long, or too much waits for it. */
  slow(): void;
  facts(): Omit<ControlFacts, 'cursor'>;
}

/** History leaves in slices of about so many bytes, each waiting for the peer. */
const SLICE_BYTES = 256 * 1024;

interface ReplayFrom {
  readonly index: number;
  readonly snapshot: boolean;
}

export class Delivery implements Recipient, DirtyConnection {
  readonly transport: Transport;
  readonly encoding: Encoding;
  readonly #host: DeliveryHost;
  readonly #owner: DeliveryOwner;
  /** Only for formats whose events end in a compound cursor. */
  readonly #cursor: CursorWriter | undefined;
  /** One-channel formats: where the client stands. */
  #stands: Position | undefined;
  #chunks: Uint8Array[] | undefined;
  /** Present while the peer is behind. */
  #outbox: Outbox | undefined;
  #blockedAt = 0;
  #waiting: (() => void) | undefined;
  #ended = false;

  constructor(
    host: DeliveryHost,
    owner: DeliveryOwner,
    wire: { readonly transport: Transport; readonly encoding: Encoding },
  ) {
    this.#host = host;
    this.#owner = owner;
    this.transport = wire.transport;
    this.encoding = wire.encoding;
    if (wire.encoding.trailer !== undefined) this.#cursor = new CursorWriter();
  }

  /** Bytes that wait here and in the socket. */
  get bufferedBytes(): number {
    return this.transport.bufferedBytes + (this.#outbox?.bytes ?? 0);
  }

  /** Where a reconnect would resume: a position or a compound cursor, as the format has it; '' when nowhere yet. */
  get cursor(): string {
    if (this.#cursor !== undefined) return this.#cursor.text();
    return this.#stands === undefined ? '' : encodePosition(this.#stands);
  }

  /** The client stands here: everything of the channel up to it counts as delivered. */
  stand(channel: string, position: Position): void {
    if (this.#cursor !== undefined) this.#cursor.set(channel, position);
    else this.#stands = position;
  }

  forget(channel: string): void {
    if (this.#cursor !== undefined) this.#cursor.delete(channel);
    else this.#stands = undefined;
  }

  /** Queues a control frame behind what is already queued. A peer that is behind gets no heartbeats: it has bytes to read. */
  control(frame: ControlFrame): void {
    if (this.#outbox === undefined) this.#queueControl(frame);
    else if (frame.type !== 'heartbeat') this.#outbox.putControl(frame);
  }

  deliver(subscription: Subscription, batch: EventBatch): void {
    if (this.#ended) return;
    if (this.#outbox === undefined && this.#cursor === undefined && sharesAll(subscription, batch)) {
      this.#stamp(subscription, batch.epoch, batch.last);
      this.#host.counters.delivered += batch.events.length;
      this.#queue(batch.bytes(this.encoding));
      return;
    }
    for (const event of batch.events) {
      if (this.#ended) return;
      if (subscription.kind === 'signal' || event.event.offset > subscription.accepted) this.#take(subscription, event);
    }
  }

  /**
   * Sends history, or a state's values at subscribe (`snapshot`), as fast as the peer takes it. Returns undefined when all
   * was taken at once, else a promise that resolves when it was, or the delivery has ended.
   */
  replay(subscription: Subscription, events: readonly FramedEvent[], snapshot: boolean): Promise<void> | undefined {
    const index = this.#replaySlice(subscription, events, { index: 0, snapshot });
    return index === events.length ? undefined : this.#replayRest(subscription, events, { index, snapshot });
  }

  flush(): void {
    const chunks = this.#chunks;
    this.#chunks = undefined;
    if (this.#ended || chunks === undefined) return;
    if (this.transport.send(chunks) === 'buffered') this.#block();
  }

  /** The peer has caught up: what waited leaves. */
  drained(): void {
    const outbox = this.#outbox;
    if (outbox === undefined || this.#ended) return;
    this.#unblock();
    for (const entry of outbox.take()) {
      if (entry.kind === 'control') this.#queueControl(entry.frame);
      else this.#write(entry.subscription, entry.event, entry.event.bytes(this.encoding));
    }
    this.flush();
    if (this.#outbox === undefined) this.#wake();
  }

  /** Last words, unless the peer is behind: then it gets nothing more, and resumes from its position. */
  end(frame?: ControlFrame): void {
    if (frame !== undefined && this.#outbox === undefined) {
      this.#queueControl(frame);
      this.flush();
    }
    this.#ended = true;
    this.#chunks = undefined;
    this.#unblock();
    this.#wake();
  }

  /** Called once a second while the peer is behind [reliability: time cap of unsent data]. */
  sweep(now: number): void {
    const behindMs = now - this.#blockedAt;
    const { stallMs, deadMs } = this.#host.limits;
    const holdsLog = this.#outbox?.holdsLog === true || this.#waiting !== undefined;
    if (behindMs >= deadMs || (behindMs >= stallMs && holdsLog)) this.#owner.slow();
  }

  #queue(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#chunks !== undefined) this.#chunks.push(chunk);
    else {
      this.#chunks = [chunk];
      this.#host.turn.addConnection(this);
    }
  }

  #queueControl(frame: ControlFrame): void {
    this.#queue(this.encoding.control(frame, { cursor: this.cursor, ...this.#owner.facts() }));
  }

  /** One event on its way: to the wire, or to the outbox while the peer is behind. */
  #take(subscription: Subscription, event: FramedEvent): void {
    const outbox = this.#outbox;
    if (outbox === undefined) {
      this.#write(subscription, event, event.bytes(this.encoding));
      return;
    }
    if (subscription.kind !== 'signal') subscription.accepted = event.event.offset;
    const gaveWay = outbox.putEvent(subscription, event, this.encoding);
    if (subscription.kind === 'signal') this.#host.counters.droppedSignals += gaveWay;
    else this.#host.counters.conflated += gaveWay;
    if (this.bufferedBytes > this.#host.limits.maxBufferedBytes) this.#owner.slow();
  }

  #write(subscription: Subscription, event: FramedEvent, bytes: Uint8Array): void {
    if (!subscription.attached) return; // unsubscribed while it waited
    this.#stamp(subscription, event.event.epoch, event.event.offset);
    if (bytes.length === 0) return;
    this.#host.counters.delivered += 1;
    this.#queue(bytes);
    const trailer = this.#cursor && this.encoding.trailer?.(this.#cursor.text());
    if (trailer !== undefined) this.#queue(trailer);
  }

  /** The event is handed to the wire: from now on the cursor may claim it. */
  #stamp(subscription: Subscription, epoch: string, offset: number): void {
    if (subscription.kind === 'signal') return;
    if (offset > subscription.accepted) subscription.accepted = offset;
    this.stand(subscription.channel, { epoch, offset });
  }

  #replaySlice(subscription: Subscription, events: readonly FramedEvent[], from: ReplayFrom): number {
    let queued = 0;
    for (let index = from.index; index < events.length; index += 1) {
      if (this.#ended || this.#outbox !== undefined) return index;
      const event = events[index];
      if (event === undefined) break;
      const bytes = from.snapshot ? event.snapshotBytes(this.encoding) : event.bytes(this.encoding);
      this.#write(subscription, event, bytes);
      queued += bytes.length;
      if (queued >= SLICE_BYTES) {
        this.flush();
        queued = 0;
      }
    }
    return events.length;
  }

  async #replayRest(subscription: Subscription, events: readonly FramedEvent[], from: ReplayFrom): Promise<void> {
    for (let index = from.index; index < events.length && !this.#ended && subscription.attached; ) {
      await this.#writable();
      index = this.#replaySlice(subscription, events, { index, snapshot: from.snapshot });
    }
  }

  /** Resolves when the peer has caught up, or the delivery has ended. */
  #writable(): Promise<void> {
    if (this.#ended || this.#outbox === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const earlier = this.#waiting;
      this.#waiting = () => {
        earlier?.();
        resolve();
      };
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  #block(): void {
    this.#outbox ??= new Outbox(this.#host.limits.maxQueuedSignals);
    this.#blockedAt = this.#host.clock.now();
    this.#host.blocked.add(this);
  }

  #unblock(): void {
    this.#outbox = undefined;
    this.#host.blocked.delete(this);
  }
}

/** Every event of the batch is news to the subscription, so it may have the bytes that everybody gets. */
function sharesAll(subscription: Subscription, batch: EventBatch): boolean {
  return subscription.kind === 'signal' || subscription.accepted < batch.first;
}
