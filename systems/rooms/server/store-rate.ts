/** How much one sender may have kept: rooms have any name, so what a room keeps bounds no disk. */
import type { OwnConnection } from 'fanfare';
import { countedNetwork, RateLimiter } from 'fanfare/http';

export interface BytesRate {
  /** In the long run. */
  readonly perSecond: number;
  /** At once. */
  readonly burst: number;
}

export interface StoreRateOptions {
  readonly rate: BytesRate;
  /** Milliseconds. */
  readonly monotonic: () => number;
  /** Told of every message that is refused. */
  readonly refused: (connection: OwnConnection) => void;
}

export class StoreRate {
  readonly #bytes: RateLimiter;
  readonly #refused: StoreRateOptions['refused'];

  constructor({ rate: { perSecond, burst }, monotonic, refused }: StoreRateOptions) {
    this.#bytes = new RateLimiter({ perSecond, burst, now: monotonic });
    this.#refused = refused;
  }

  /**
   * May this message be kept? Counted by user, and where nobody is signed in by network, as connections are: what comes from this machine,
   * or from a proxy on it that nobody named, is not counted.
   */
  takes(connection: OwnConnection, message: unknown): boolean {
    const { identity, address } = connection;
    const network = countedNetwork(address);
    if (identity === undefined && network === '') return true;
    const sender = identity === undefined ? `address ${network}` : `user ${identity.subject}`;
    const bytes = Buffer.byteLength(JSON.stringify(message) ?? '');
    if (this.#bytes.take(sender, Math.max(1, bytes)).allowed) return true;
    this.#refused(connection);
    return false;
  }
}
