/**
 * What leaves on one connection: one write per turn while the peer keeps up, a bounded outbox while it does not, history
 * in slices that wait for the peer. Knows where the client stands, since it alone knows what was handed to the wire.
 */
import type { CloseFrame, ControlFrame } from '@fanfare/protocol';
import type { Leaving } from './crowd-exit.ts';
import type { DeliveryHost, DeliveryOwner, ReplayFrom } from './delivery-host.ts';
import type { EventBatch } from './event-batch.ts';
import type { FramedEvent } from './framed-event.ts';
import { Outbox } from './outbox.ts';
import type { Encoding, Transport } from './ports/transport.ts';
import { Standing } from './standing.ts';
import type { Recipient, Subscription } from './subscription.ts';
import type { Dirty } from './turn.ts';

/** History, of however many channels, leaves in slices of about so many bytes, each waiting for the peer. */
const SLICE_BYTES = 256 * 1024;

export class Delivery implements Recipient, Dirty {
  readonly transport: Transport;
  readonly #host: DeliveryHost;
  readonly #owner: DeliveryOwner;
  readonly standing: Standing;
  /** Messages handed to the wire: events, frames, and those of its own. */
  handed = 0;
  #encoding: Encoding;
  #chunks: Uint8Array[] | undefined;
  #queuedBytes = 0;
  /** Present while the peer is behind. */
  #outbox: Outbox | undefined;
  #waiting: (() => void) | undefined;
  #ended = false;
  #failed = false;

  constructor(
    host: DeliveryHost,
    owner: DeliveryOwner,
    wire: { readonly transport: Transport; readonly encoding: Encoding },
  ) {
    this.#host = host;
    this.#owner = owner;
    this.transport = wire.transport;
    this.#encoding = wire.encoding;
    this.standing = new Standing(wire.encoding.trailer !== undefined);
  }

  /** The peer has not taken everything yet. */
  get isBehind(): boolean {
    return this.#outbox !== undefined;
  }

  /** Bytes that wait here and in the socket. */
  get bufferedBytes(): number {
    return this.transport.bufferedBytes + (this.#outbox?.bytes ?? 0);
  }

  /** Goes on in the format for any number of channels, where there is another; what was queued stays as it is. */
  widen(): void {
    const { many } = this.#encoding;
    if (many === undefined) return;
    this.#encoding = many;
    this.standing.widen();
  }

  /** Queues a control frame behind what is already queued. A peer that is behind gets no heartbeats: it has bytes to read. */
  control(frame: ControlFrame): void {
    try {
      if (this.#outbox === undefined) this.#queueControl(frame);
      else if (frame.type !== 'heartbeat') this.#outbox.putControl(frame);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Bytes of the wire's own, behind what is already queued and within the same bounds. */
  tell(bytes: Uint8Array): void {
    if (this.#ended) return;
    if (this.#outbox === undefined) this.#queueOwn(bytes);
    else this.#outbox.putBytes(bytes);
  }

  deliver(subscription: Subscription, batch: EventBatch): void {
    if (this.#ended) return;
    try {
      if (this.#sharesAll(subscription, batch)) this.#writeShared(subscription, batch);
      else this.#deliverEach(subscription, batch.events);
    } catch (error) {
      this.#fail(error);
    }
  }

  resume(subscription: Subscription): void {
    this.#owner.resume(subscription);
  }

  /** History in the bytes that everybody gets; false, and nothing done, where this peer needs its own or is behind. */
  replayShared(subscription: Subscription, batch: EventBatch): boolean {
    if (this.#ended || !this.#sharesAll(subscription, batch)) return false;
    this.#attempt(() => {
      this.#writeShared(subscription, batch);
      if (this.#queuedBytes >= SLICE_BYTES) this.flush();
    });
    return true;
  }

  /** Hands events over from an index on until the peer is behind; returns the index of the first that has to wait. */
  replaySlice(subscription: Subscription, events: readonly FramedEvent[], from: ReplayFrom): number {
    let { index } = from;
    this.#attempt(() => {
      for (; index < events.length && !this.#ended && this.#outbox === undefined; index += 1) {
        const event = events[index];
        if (event === undefined) continue;
        const bytes = from.snapshot ? event.snapshotBytes(this.#encoding) : event.bytes(this.#encoding);
        this.#write(subscription, event, bytes);
        if (this.#queuedBytes >= SLICE_BYTES) this.flush();
      }
    });
    return index;
  }

  /** Resolves when the peer has caught up, or the delivery has ended. */
  writable(): Promise<void> {
    if (this.#ended || this.#outbox === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const earlier = this.#waiting;
      this.#waiting = () => {
        earlier?.();
        resolve();
      };
    });
  }

  flush(): void {
    const chunks = this.#chunks;
    this.#chunks = undefined;
    this.#queuedBytes = 0;
    if (this.#ended || chunks === undefined) return;
    try {
      if (this.transport.send(chunks) === 'buffered') this.#block();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The peer has caught up: what waited leaves. */
  drained(): void {
    const outbox = this.#outbox;
    if (outbox === undefined || this.#ended) return;
    this.#unblock();
    this.#attempt(() => {
      for (const entry of outbox.take()) {
        if (entry.kind === 'control') this.#queueControl(entry.frame);
        else if (entry.kind === 'bytes') this.#queueOwn(entry.bytes);
        else this.#write(entry.subscription, entry.event, entry.event.bytes(this.#encoding));
      }
    });
    this.flush();
    if (this.#outbox === undefined) this.#wake();
  }

  /** Last words, unless the peer is behind: then it gets nothing more, and resumes from its position. */
  end(frame?: ControlFrame): void {
    if (frame !== undefined && this.#outbox === undefined) {
      this.#attempt(() => this.#queueControl(frame));
      this.flush();
    }
    this.#ended = true;
    this.#chunks = undefined;
    this.#unblock();
    this.#wake();
  }

  /** Ends as `end`, but says the last words when it leaves: what was queued goes with them. Returns what is left to do at the wire, once. */
  part(frame: CloseFrame): Leaving {
    const facts = this.#outbox === undefined ? this.#owner.facts(this.standing.text) : undefined;
    const queued = this.#chunks ?? [];
    this.end();
    const destroy = (): void => {
      if (facts !== undefined) this.#attempt(() => this.#sayLast(queued, this.#encoding.control(frame, facts)));
      this.transport.close(frame);
    };
    return { destroy };
  }

  #sayLast(queued: readonly Uint8Array[], bytes: Uint8Array): void {
    const chunks = [...queued, bytes].filter(({ length }) => length > 0);
    if (chunks.length > 0) this.transport.send(chunks);
  }

  /** What is plugged in may throw: then this one connection ends, and nobody else notices. */
  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return; // The close frame of the failed connection failed too.
    this.#failed = true;
    this.#owner.failed(error);
  }

  #queue(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#queuedBytes += chunk.length;
    if (this.#chunks !== undefined) this.#chunks.push(chunk);
    else {
      this.#chunks = [chunk];
      this.#host.turn.addConnection(this);
    }
  }

  #queueControl(frame: ControlFrame): void {
    this.#queueOwn(this.#encoding.control(frame, this.#owner.facts(this.standing.text)));
  }

  /** One message that is no event. */
  #queueOwn(bytes: Uint8Array): void {
    if (bytes.length > 0) this.handed += 1;
    this.#queue(bytes);
  }

  /** Every event of the batch is news, and nothing is in its way: the peer may have the bytes that everybody gets. */
  #sharesAll(subscription: Subscription, batch: EventBatch): boolean {
    if (this.#outbox !== undefined || this.standing.isCompound) return false;
    return subscription.kind === 'signal' || subscription.accepted < batch.first;
  }

  #writeShared(subscription: Subscription, batch: EventBatch): void {
    const bytes = batch.bytes(this.#encoding);
    if (subscription.kind !== 'signal') {
      subscription.accepted = batch.end.offset;
      this.standing.move(batch.end);
    }
    if (bytes.length > 0) {
      this.#host.counters.delivered += batch.events.length;
      this.handed += batch.events.length;
    }
    this.#queue(bytes);
  }

  #deliverEach(subscription: Subscription, events: readonly FramedEvent[]): void {
    for (const event of events) {
      if (this.#ended) return;
      if (subscription.kind === 'signal' || event.event.offset > subscription.accepted) this.#take(subscription, event);
    }
  }

  /** One event on its way: to the wire, or to the outbox while the peer is behind. */
  #take(subscription: Subscription, event: FramedEvent): void {
    const bytes = event.bytes(this.#encoding);
    const outbox = this.#outbox;
    if (outbox === undefined) {
      this.#write(subscription, event, bytes);
      return;
    }
    if (subscription.kind !== 'signal') subscription.accepted = event.event.offset;
    // Trailers are about as long as the cursor is now.
    const trailer = this.standing.isCompound ? this.standing.text.length : 0;
    outbox.putEvent(subscription, event, bytes.length + trailer);
  }

  #write(subscription: Subscription, event: FramedEvent, bytes: Uint8Array): void {
    if (!subscription.attached) return; // unsubscribed while it waited
    if (subscription.kind !== 'signal') {
      const { epoch, offset } = event.event;
      // It is handed to the wire: from now on the cursor may claim it.
      if (offset > subscription.accepted) subscription.accepted = offset;
      this.standing.set(subscription.channel, { epoch, offset });
    }
    if (bytes.length === 0) return;
    this.#host.counters.delivered += 1;
    this.handed += 1;
    this.#queue(bytes);
    if (this.#encoding.trailer !== undefined) this.#queue(this.#encoding.trailer(this.standing.text));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  #block(): void {
    if (this.#outbox !== undefined) return;
    this.#outbox = new Outbox(this.#host, this.#owner, this.transport);
    this.#host.behind.add(this.#outbox);
  }

  #unblock(): void {
    if (this.#outbox === undefined) return;
    this.#host.behind.delete(this.#outbox);
    this.#outbox = undefined;
  }
}
