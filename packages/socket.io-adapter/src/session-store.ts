/**
 * Who was in which rooms, kept by the hub's engine: a client is recognised after its server was killed, at whatever server it
 * comes back to. Records are written when a socket connects, joins or leaves, again while it lives, and when it ends.
 */
import type { AnyFanfare, Identity } from 'fanfare';
import { type NamespaceChannels, SESSION_HOURS } from './channels.ts';

/** What is kept of who a socket was. */
export type SessionCredential = Pick<Identity, 'subject' | 'tokenId' | 'issuedAt' | 'expiresAt'>;

export interface SessionRecord {
  readonly sid: string;
  readonly pid: string;
  /** Each with the position from which the socket is in it, where it is a hub channel. */
  readonly rooms: readonly (readonly [room: string, joinedAt: string | null])[];
  readonly data: unknown;
  /** Whose it was; null: nobody's in particular. */
  readonly credential: SessionCredential | null;
}

interface StoredRecord extends Partial<SessionRecord> {
  readonly pid: string;
  /** The server that has the socket. */
  readonly owner: string;
  /** A client came back to this owner: what others still write of it counts no more. */
  readonly takes?: boolean;
  /** Wall clock: the socket ended. */
  readonly endedAt?: number;
  /** It left for good. */
  readonly gone?: boolean;
}

export interface SessionStoreOptions {
  readonly live: Pick<AnyFanfare, 'api' | 'isInForce'>;
  readonly channels: NamespaceChannels;
  /** Id of this server. */
  readonly owner: string;
  /** A client that stays away longer is a new one, milliseconds. */
  readonly maxAwayMs: number;
  readonly onError: (error: unknown) => void;
}

export const REFRESH_MS: number = (SESSION_HOURS * 3_600_000) / 2;
const PID = /^[A-Za-z0-9_-]{1,64}$/;
const PAGE = 1000;

export class SessionStore {
  readonly #options: SessionStoreOptions;

  constructor(options: SessionStoreOptions) {
    this.#options = options;
  }

  /** The socket lives. */
  async keep(record: SessionRecord): Promise<void> {
    await this.#write({ ...record, owner: this.#options.owner });
  }

  /** The socket ended, and its client may come back. */
  async ended(record: SessionRecord): Promise<void> {
    await this.#write({ ...record, owner: this.#options.owner, endedAt: Date.now() });
  }

  /** The client left, and will not come back. */
  async forget(pid: string): Promise<void> {
    await this.#write({ pid, owner: this.#options.owner, gone: true });
  }

  /** undefined: there is none, it was away too long, or its credential is out of force by now. */
  async find(pid: string): Promise<SessionRecord | undefined> {
    if (!PID.test(pid)) return undefined;
    const { live, maxAwayMs } = this.#options;
    const found = await this.#find(pid);
    if (found === undefined || found.gone === true) return undefined;
    if (found.endedAt !== undefined && Date.now() - found.endedAt > maxAwayMs) return undefined;
    const { sid, rooms = [], data = {}, credential } = found;
    // One that does not say whose it is, was written by an older version.
    if (sid === undefined || credential === undefined) return undefined;
    if (credential !== null && !live.isInForce(credential)) return undefined;
    return { sid, pid, rooms, data, credential };
  }

  /** From now on the session is this server's. */
  async take(record: SessionRecord): Promise<void> {
    await this.#write({ ...record, owner: this.#options.owner, takes: true, endedAt: Date.now() });
  }

  async #find(pid: string): Promise<StoredRecord | undefined> {
    const { live, channels } = this.#options;
    let found: StoredRecord | undefined;
    for (let after: string | undefined; ; ) {
      const page = await live.api.history({ channel: channels.sessions(pid), limit: PAGE, after });
      if (page.kind === 'gap') return undefined;
      for (const { data } of page.events) {
        if (!isRecord(data) || data.pid !== pid) continue;
        if (found === undefined || data.takes === true || data.owner === found.owner) found = data;
      }
      after = page.events.at(-1)?.position;
      if (!page.more || after === undefined) return found;
    }
  }

  async #write(record: StoredRecord): Promise<void> {
    const { live, channels, onError } = this.#options;
    try {
      await live.api.publish({ channel: channels.sessions(record.pid), event: 'session', data: record });
    } catch (error) {
      onError(error);
    }
  }
}

function isRecord(value: unknown): value is StoredRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'pid') === 'string' &&
    typeof Reflect.get(value, 'owner') === 'string'
  );
}
