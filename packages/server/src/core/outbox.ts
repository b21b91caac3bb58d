/**
 * What waits for a connection whose peer is behind: bounded, with the policy of each channel kind [reliability: byte cap].
 * log: every event waits, until the cap ends the connection. state: the newest per key waits. signal: the newest few wait.
 */
import type { ControlFrame } from '@fanfare/protocol';
import type { FramedEvent } from './framed-event.ts';
import type { Encoding } from './ports/transport.ts';
import type { Subscription } from './subscription.ts';

export type OutboxEntry =
  | { readonly kind: 'control'; readonly frame: ControlFrame; readonly size: number }
  | { readonly kind: 'event'; readonly subscription: Subscription; readonly event: FramedEvent; readonly size: number };

/** A control frame is small; its exact size is known only when it is encoded, with the cursor of that moment. */
const CONTROL_SIZE = 256;

export class Outbox {
  /** Insertion order is sending order; a conflated entry leaves its place and the newer one queues at the end. */
  readonly #entries = new Set<OutboxEntry>();
  readonly #newest = new Map<string, OutboxEntry>();
  readonly #signals: OutboxEntry[] = [];
  readonly #maxSignals: number;
  #bytes = 0;
  #logs = 0;

  constructor(maxSignals: number) {
    this.#maxSignals = maxSignals;
  }

  /** Bytes waiting, framed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Something waits that may not be dropped or replaced. */
  get holdsLog(): boolean {
    return this.#logs > 0;
  }

  putControl(frame: ControlFrame): void {
    this.#add({ kind: 'control', frame, size: CONTROL_SIZE });
  }

  /** Returns how many events gave way: conflated or dropped. */
  putEvent(subscription: Subscription, event: FramedEvent, encoding: Encoding): number {
    const entry: OutboxEntry = { kind: 'event', subscription, event, size: event.bytes(encoding).length };
    this.#add(entry);
    switch (subscription.kind) {
      case 'log':
        this.#logs += 1;
        return 0;
      case 'state':
        return this.#conflate(`${subscription.channel}\n${event.event.key}`, entry);
      case 'signal':
        return this.#dropOldest(entry);
    }
  }

  /** Everything that waits, in sending order; the outbox is empty afterwards. */
  take(): readonly OutboxEntry[] {
    const entries = [...this.#entries];
    this.#entries.clear();
    this.#newest.clear();
    this.#signals.length = 0;
    this.#bytes = 0;
    this.#logs = 0;
    return entries;
  }

  #conflate(key: string, entry: OutboxEntry): number {
    const older = this.#newest.get(key);
    this.#newest.set(key, entry);
    return older === undefined ? 0 : this.#remove(older);
  }

  #dropOldest(entry: OutboxEntry): number {
    this.#signals.push(entry);
    const oldest = this.#signals.length > this.#maxSignals ? this.#signals.shift() : undefined;
    return oldest === undefined ? 0 : this.#remove(oldest);
  }

  #add(entry: OutboxEntry): void {
    this.#entries.add(entry);
    this.#bytes += entry.size;
  }

  #remove(entry: OutboxEntry): number {
    if (!this.#entries.delete(entry)) return 0;
    this.#bytes -= entry.size;
    return 1;
  }
}
