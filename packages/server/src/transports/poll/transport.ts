/** Core's transport where nothing is streamed: gathers what the hub hands out until the poll is answered. */
import type { CloseFrame, Position, SubscribedFrame, UnsubscribedFrame } from '@fanfare/protocol';
import type { Connection, SendOutcome, Transport } from '../../core/index.ts';
import { isSignals, ToldFrame } from './encoding.ts';

/** From so many bytes on an answer takes no more; what the hub hands out in one go is not split, so it may hold about twice that. */
const FULL_BYTES = 256 * 1024;

/** Where a poll stands, by channel; signals stand nowhere. */
export type Standing = ReadonlyMap<string, Position>;

export class PollTransport implements Transport {
  /** Nothing waits in a socket: nothing has been written yet. */
  readonly bufferedBytes = 0;
  /** Shared bytes of events, in order, each event behind a comma. */
  readonly events: Uint8Array[] = [];
  readonly subscribed: SubscribedFrame[] = [];
  /** Channels that the server took off. */
  readonly withdrawn: UnsubscribedFrame[] = [];
  /** There is no wire, only an answer that is due. */
  readonly endsAtOnce = true;
  /** Something that the client presented cannot be recovered. */
  lost = false;
  /** Why the hub has ended the connection. */
  closedWith: CloseFrame | undefined;
  /** Resolves when the hub or the client has ended the connection. */
  readonly ended: Promise<void>;
  /** Resolves when it takes no more: it is full, or has ended. */
  readonly over: Promise<void>;
  #end: () => void = () => {};
  #fill: () => void = () => {};
  #bytes = 0;
  #switched = false;
  #standing: Standing | undefined;
  #connection: Connection | undefined;
  #waiting: (() => void) | undefined;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.over = new Promise((resolve) => {
      this.#fill = resolve;
    });
  }

  attach(connection: Connection): void {
    this.#connection = connection;
  }

  get isFull(): boolean {
    return this.#bytes >= FULL_BYTES;
  }

  /** Is there anything that is worth an answer? */
  get hasNews(): boolean {
    return this.events.length > 0 || this.lost || this.#switched || this.withdrawn.length > 0;
  }

  get signals(): readonly Uint8Array[] {
    return this.events.filter(isSignals);
  }

  /**
   * Up to where everything is in `events`: never beyond. Once an answer is full, or its connection closed, the hub goes on
   * without it, so that this is the place where it was then. Flush the delivery before asking.
   */
  get standing(): Standing {
    return this.#standing ?? this.#stands();
  }

  send(chunks: readonly Uint8Array[]): SendOutcome {
    if (this.#standing !== undefined) return 'closed';
    for (const chunk of chunks) {
      if (chunk instanceof ToldFrame) this.#hear(chunk.frame);
      else this.#gather(chunk);
    }
    if (this.hasNews) this.#wake();
    if (!this.isFull) return 'written';
    this.#standing ??= this.#stands();
    this.#fill();
    return 'buffered';
  }

  close(frame: CloseFrame): void {
    this.closedWith ??= frame;
    this.#finish();
  }

  /** The client has gone. */
  hungUp(): void {
    this.#connection?.ended();
    this.#finish();
  }

  /** Resolves when there is news, or the connection is over. */
  changed(): Promise<void> {
    if (this.hasNews || this.#connection?.closed === true) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #finish(): void {
    this.#wake();
    this.#fill();
    this.#end();
  }

  #gather(chunk: Uint8Array): void {
    this.events.push(chunk);
    this.#bytes += chunk.length;
  }

  #hear(frame: ToldFrame['frame']): void {
    switch (frame.type) {
      case 'subscribed':
        this.subscribed.push(frame);
        if (frame.recovered === false) this.lost = true;
        break;
      case 'unsubscribed':
        this.withdrawn.push(frame);
        break;
      case 'transports':
        this.#switched = true;
        break;
      case 'close':
        // The last moment at which the connection has its subscriptions.
        this.#standing ??= this.#stands();
    }
  }

  #stands(): Standing {
    const standing = new Map<string, Position>();
    for (const { channel, kind, epoch, position } of this.#connection?.subscriptions ?? []) {
      if (kind !== 'signal' && epoch !== '') standing.set(channel, position);
    }
    return standing;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}
