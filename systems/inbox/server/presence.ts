/** Whose inbox is open now, as the hub tells it, and who just came. */
import type { HubEvent } from 'fanfare';
import { ownerOf } from './channels.ts';

export interface Arrival {
  readonly userId: number;
  /** Where the client stood, if it recovers: it has everything up to here, and gets everything after it. */
  readonly position: string | undefined;
  /** It polls, and was here a moment ago: what it gets now came between two polls. */
  readonly neverLeft: boolean;
}

/** A client that polls is back within so long. */
const POLL_GAP_MS = 10_000;

export class Presence {
  readonly #now: () => number;
  /** Connections by user. */
  readonly #users = new Map<number, Set<string>>();
  readonly #polls = new Set<string>();
  /** When a user's last poll was answered, oldest first. */
  readonly #answered = new Map<number, number>();

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Users with an open connection, or between two polls. */
  get users(): number {
    this.#forgetPolls();
    return this.#users.size + this.#answered.size;
  }

  /** Is a connection of the user open this very moment? */
  isConnected(userId: number): boolean {
    return this.#users.has(userId);
  }

  /** Takes in what happened; answers who came by it. */
  hear(event: HubEvent): Arrival | undefined {
    if (event.kind === 'connection-opened' && event.label === 'poll') this.#polls.add(event.connection);
    if (event.kind === 'connection-closed') this.#polls.delete(event.connection);
    if (event.kind !== 'subscribed' && event.kind !== 'unsubscribed') return undefined;
    const userId = ownerOf(event.channel);
    if (userId === undefined) return undefined;
    if (event.kind === 'unsubscribed') this.#left(userId, event.connection);
    return event.kind === 'subscribed' ? this.#came(userId, event) : undefined;
  }

  #came(userId: number, event: Extract<HubEvent, { readonly kind: 'subscribed' }>): Arrival {
    const open = this.#users.get(userId);
    if (open === undefined) this.#users.set(userId, new Set([event.connection]));
    else open.add(event.connection);
    this.#forgetPolls();
    const neverLeft = this.#polls.has(event.connection) && this.#answered.delete(userId);
    return { userId, position: event.position, neverLeft };
  }

  #left(userId: number, connection: string): void {
    const open = this.#users.get(userId);
    if (open === undefined || !open.delete(connection) || open.size > 0) return;
    this.#users.delete(userId);
    if (!this.#polls.has(connection)) return;
    this.#answered.delete(userId);
    this.#answered.set(userId, this.#now());
  }

  #forgetPolls(): void {
    const now = this.#now();
    for (const [userId, at] of this.#answered) {
      if (now - at < POLL_GAP_MS) break;
      this.#answered.delete(userId);
    }
  }
}
