/**
 * What waits for a connection whose peer is behind: bounded in bytes and in time, with the policy of each channel kind
 * [reliability: byte cap, time cap of unsent data]. log: every event waits, until a cap ends the connection. state: the
 * newest per key waits. signal: the newest few wait.
 */
import type { ControlFrame } from '@fanfare/protocol';
import type { Sweepable } from './behind.ts';
import type { DeliveryHost, DeliveryOwner } from './delivery-host.ts';
import type { FramedEvent } from './framed-event.ts';
import type { Transport } from './ports/transport.ts';
import type { Subscription } from './subscription.ts';

export type OutboxEntry =
  | { readonly kind: 'control'; readonly frame: ControlFrame; readonly size: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly size: number }
  | { readonly kind: 'event'; readonly subscription: Subscription; readonly event: FramedEvent; readonly size: number };

/** A control frame is small; its exact size is known only when it is encoded, with the cursor of that moment. */
const CONTROL_SIZE = 256;

export class Outbox implements Sweepable {
  readonly #host: DeliveryHost;
  readonly #owner: DeliveryOwner;
  readonly #transport: Transport;
  /** Insertion order is sending order; a conflated entry leaves its place and the newer one queues at the end. */
  readonly #entries = new Set<OutboxEntry>();
  readonly #newest = new Map<string, OutboxEntry>();
  readonly #signals: OutboxEntry[] = [];
  #bytes = 0;
  /** Monotonic milliseconds: since when the peer takes nothing. */
  #idleSince: number;
  /** Bytes that waited in the socket when it was last looked at. */
  #socketBytes: number;

  constructor(host: DeliveryHost, owner: DeliveryOwner, transport: Transport) {
    this.#host = host;
    this.#owner = owner;
    this.#transport = transport;
    this.#idleSince = host.clock.now();
    this.#socketBytes = transport.bufferedBytes;
  }

  /** Bytes waiting, framed. */
  get bytes(): number {
    return this.#bytes;
  }

  putControl(frame: ControlFrame): void {
    this.#add({ kind: 'control', frame, size: CONTROL_SIZE });
    this.#keepBound();
  }

  putBytes(bytes: Uint8Array): void {
    this.#add({ kind: 'bytes', bytes, size: bytes.length });
    this.#keepBound();
  }

  /** `size`: framed bytes. */
  putEvent(subscription: Subscription, event: FramedEvent, size: number): void {
    const entry: OutboxEntry = { kind: 'event', subscription, event, size };
    this.#add(entry);
    if (subscription.kind === 'state') this.#conflate(`${subscription.channel}\n${event.event.key}`, entry);
    else if (subscription.kind === 'signal') {
      this.#signals.push(entry);
      if (this.#signals.length > this.#host.limits.maxQueuedSignals) this.#dropOldestSignal();
    }
    this.#keepBound();
  }

  sweep(now: number): void {
    const { bufferedBytes } = this.#transport;
    // It reads, if slowly: a thin line is no reason to begin anew.
    if (bufferedBytes < this.#socketBytes) this.#idleSince = now;
    this.#socketBytes = bufferedBytes;
    const { stallMs, deadMs } = this.#host.limits;
    const idleMs = now - this.#idleSince;
    if (idleMs >= deadMs || (idleMs >= stallMs && this.#owner.readsLog)) this.#owner.slow();
  }

  /** Everything that waits, in sending order; the outbox is done with. */
  take(): Iterable<OutboxEntry> {
    return this.#entries;
  }

  /** Over the cap signals give way first; then a log cannot wait any longer, nor can values that have already conflated. */
  #keepBound(): void {
    const most = this.#host.limits.maxBufferedBytes - this.#transport.bufferedBytes;
    while (this.#bytes > most && this.#signals.length > 0) this.#dropOldestSignal();
    if (this.#bytes > 0 && this.#bytes > most) this.#owner.slow();
  }

  #conflate(key: string, entry: OutboxEntry): void {
    const older = this.#newest.get(key);
    this.#newest.set(key, entry);
    if (older === undefined) return;
    this.#remove(older);
    this.#host.counters.conflated += 1;
  }

  #dropOldestSignal(): void {
    const oldest = this.#signals.shift();
    if (oldest === undefined) return;
    this.#remove(oldest);
    this.#host.counters.droppedSignals += 1;
  }

  #add(entry: OutboxEntry): void {
    this.#entries.add(entry);
    this.#bytes += entry.size;
  }

  #remove(entry: OutboxEntry): void {
    this.#entries.delete(entry);
    this.#bytes -= entry.size;
  }
}
