/** Operational facts of the hub, as a typed stream: core never logs. Who observes decides what becomes a log line or a metric. */
import type { CloseName, GapCause, TransportName } from '@fanfare/protocol';

/** Who met a limit, as far as it is known. Never a credential. */
export interface LimitFacts {
  readonly connection?: string;
  readonly address?: string;
  readonly identity?: string;
  readonly channel?: string;
}

/** Who was refused what. Never a credential. */
export interface DenialFacts extends LimitFacts {
  /** UPPER_SNAKE, as the caller was told it. */
  readonly code: string;
  /** What was tried: the command, or the path of the request. */
  readonly action?: string;
  /** For whoever runs the server: why nobody could say yes. Absent: the code says it all. */
  readonly why?: string;
}

/** One operational fact, told by its `kind`. */
export type HubEvent =
  | { readonly kind: 'connection-opened'; readonly connection: string; readonly label: string }
  | {
      readonly kind: 'connection-closed';
      readonly connection: string;
      readonly label: string;
      /** Close code that was said on the wire, by us or by the peer; 1006: none was. */
      readonly code: number;
      /** Why we ended it; absent: the peer did, or said what its wire does not allow. */
      readonly reason?: CloseName;
      readonly ageMs: number;
    }
  | {
      readonly kind: 'subscribed';
      readonly connection: string;
      readonly channel: string;
      /** false: what was missed is gone. Absent: it named no position. */
      readonly recovered?: boolean;
      /** Where a client that recovers stood: it has processed everything up to here, and gets everything after it. */
      readonly position?: string;
    }
  | { readonly kind: 'subscribe-refused'; readonly connection: string; readonly channel: string; readonly code: string }
  | { readonly kind: 'unsubscribed'; readonly connection: string; readonly channel: string }
  | { readonly kind: 'history-lost'; readonly connection: string; readonly channel: string; readonly cause: GapCause }
  | {
      readonly kind: 'slow-consumer';
      readonly connection: string;
      readonly label: string;
      readonly bufferedBytes: number;
    }
  /** A transport, an encoding or a view threw; the connection was closed with `internal`. */
  | { readonly kind: 'connection-failed'; readonly connection: string; readonly label: string; readonly error: unknown }
  /** Somebody was refused, or ended, because of a bound. */
  | ({ readonly kind: 'limit-reached'; readonly limit: string } & LimitFacts)
  /** Somebody was told 401 or 403, or what stands for them on another wire. */
  | ({ readonly kind: 'access-denied' } & DenialFacts)
  | { readonly kind: 'hole-in-follow'; readonly channel: string }
  | { readonly kind: 'engine-failed'; readonly channel: string; readonly error: unknown }
  | { readonly kind: 'transports-switched'; readonly transports: readonly TransportName[] }
  | { readonly kind: 'drain-started'; readonly connections: number }
  | { readonly kind: 'drain-ended'; readonly ms: number };

/** Runs synchronously, in the middle of things: it must be quick. One that throws is dropped. */
export type HubObserver = (event: HubEvent) => void;

/** Fans hub events out to observers. An observer that throws is dropped: watching must never hurt delivery. */
export class HubEventStream {
  readonly #observers = new Set<HubObserver>();

  observe(observer: HubObserver): () => void {
    this.#observers.add(observer);
    return () => {
      this.#observers.delete(observer);
    };
  }

  emit(event: HubEvent): void {
    for (const observer of this.#observers) {
      try {
        observer(event);
      } catch {
        this.#observers.delete(observer);
      }
    }
  }
}
