/**
 * What waits for a connection whose peer is behind: bounded, with the policy of each channel kind [reliability: byte cap].
 * log: every event waits, until the cap ends the connection. state: the newest per key waits. signal: the newest few wait.
 */
import type { ControlFrame } from '@fanfare/protocol';
import type { FramedEvent } from './framed-event.ts';
import type { Subscription } from './subscription.ts';

export type OutboxEntry =
  | { readonly kind: 'control'; readonly frame: ControlFrame; readonly size: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly size: number }
  | { readonly kind: 'event'; readonly subscription: Subscription; readonly event: FramedEvent; readonly size: number };

/** A control frame is small; its exact size is known only when it is encoded, with the cursor of that moment. */
const CONTROL_SIZE = 256;

export class Outbox {
  /** Monotonic milliseconds: since when the peer takes nothing. */
  idleSince: number;
  /** Bytes that waited in the socket when it was last looked at. */
  socketBytes: number;
  /** Insertion order is sending order; a conflated entry leaves its place and the newer one queues at the end. */
  readonly #entries = new Set<OutboxEntry>();
  readonly #newest = new Map<string, OutboxEntry>();
  readonly #signals: OutboxEntry[] = [];
  readonly #maxSignals: number;
  #bytes = 0;

  constructor(options: { readonly maxSignals: number; readonly now: number; readonly socketBytes: number }) {
    this.#maxSignals = options.maxSignals;
    this.idleSince = options.now;
    this.socketBytes = options.socketBytes;
  }

  /** Bytes waiting, framed. */
  get bytes(): number {
    return this.#bytes;
  }

  putControl(frame: ControlFrame): void {
    this.#add({ kind: 'control', frame, size: CONTROL_SIZE });
  }

  putBytes(bytes: Uint8Array): void {
    this.#add({ kind: 'bytes', bytes, size: bytes.length });
  }

  /** `size`: framed bytes. Returns how many events gave way: conflated or dropped. */
  putEvent(subscription: Subscription, event: FramedEvent, size: number): number {
    const entry: OutboxEntry = { kind: 'event', subscription, event, size };
    this.#add(entry);
    switch (subscription.kind) {
      case 'log':
        return 0;
      case 'state':
        return this.#conflate(`${subscription.channel}\n${event.event.key}`, entry);
      case 'signal':
        this.#signals.push(entry);
        return this.#signals.length > this.#maxSignals ? this.#dropOldestSignal() : 0;
    }
  }

  /** Drops signals, oldest first, until so many bytes are free or none is left; returns how many. */
  dropSignals(bytes: number): number {
    const enough = this.#bytes - bytes;
    let dropped = 0;
    while (this.#bytes > enough && this.#signals.length > 0) dropped += this.#dropOldestSignal();
    return dropped;
  }

  /** Everything that waits, in sending order; the outbox is done with. */
  take(): Iterable<OutboxEntry> {
    return this.#entries;
  }

  #conflate(key: string, entry: OutboxEntry): number {
    const older = this.#newest.get(key);
    this.#newest.set(key, entry);
    return older === undefined ? 0 : this.#remove(older);
  }

  #dropOldestSignal(): number {
    const oldest = this.#signals.shift();
    return oldest === undefined ? 0 : this.#remove(oldest);
  }

  #add(entry: OutboxEntry): void {
    this.#entries.add(entry);
    this.#bytes += entry.size;
  }

  #remove(entry: OutboxEntry): number {
    this.#entries.delete(entry);
    this.#bytes -= entry.size;
    return 1;
  }
}
