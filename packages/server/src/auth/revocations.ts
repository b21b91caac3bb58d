/**
 * Credentials that are withdrawn before their time. Kept as the values of a channel of the engine's, one per subject, per token, and
 * one for all: so they survive a restart where events do, and reach every server that shares the engine.
 */
import { createHash } from 'node:crypto';
import { describeValue, type Position } from '@fanfare/protocol';
import type { Broker, Cancel, Clock, Credential, Retention, StoredEvent } from '../core/index.ts';
import { EngineUnavailable } from '../core/index.ts';

/**
 * What to withdraw: one token; every token of a subject; every token there is. `issuedBefore`: those issued up to then, wall clock in
 * milliseconds. What does not say when it was issued counts as older. @default now
 */
export type Revocation =
  | { readonly tokenId: string }
  | { readonly subject: string; readonly issuedBefore?: number }
  | { readonly issuedBefore: number };

export interface RevocationsOptions {
  readonly broker: Broker;
  readonly clock: Pick<Clock, 'wallTime' | 'after'>;
  /** Ends the connections whose credential is revoked now; returns how many. */
  readonly endRevoked: () => number;
}

/** No client can name it: the channel map has no names that begin so. */
const CHANNEL = '_fanfare:revocations';
const NEWEST: Retention = { kind: 'newest' };
const PAGE = 1000;
const RETRY_MS = 1000;
const MAX_TEXT = 1024;

export class Revocations {
  readonly #options: RevocationsOptions;
  readonly #tokens = new Set<string>();
  /** Wall clock, milliseconds: what was issued up to then is out of force. */
  readonly #subjects = new Map<string, number>();
  #all = Number.NEGATIVE_INFINITY;
  #isLoaded = false;
  readonly #firstLoad: Promise<void>;
  #unfollow: (() => void) | undefined;
  #retry: Cancel | undefined;
  #closed = false;

  constructor(options: RevocationsOptions) {
    this.#options = options;
    this.#unfollow = options.broker.follow(CHANNEL, (events) => this.#heard(events));
    this.#firstLoad = this.#load();
  }

  /**
   * Is it known what was revoked before the start? undefined: yes. Rejects with EngineUnavailable as long as it is not: nobody is let
   * in then who may have been withdrawn.
   */
  known(): Promise<void> | undefined {
    if (this.#isLoaded) return undefined;
    return this.#firstLoad.then(() => {
      if (!this.#isLoaded) throw new EngineUnavailable('What was revoked is not known yet.');
    });
  }

  isRevoked({ subject, tokenId, issuedAt = Number.NEGATIVE_INFINITY }: Credential): boolean {
    if (tokenId !== undefined && this.#tokens.has(tokenId)) return true;
    const before = this.#subjects.get(subject);
    if (before !== undefined && issuedAt <= before) return true;
    return this.#all !== Number.NEGATIVE_INFINITY && issuedAt <= this.#all;
  }

  /**
   * Counts at once here, and everywhere once it resolves, with the number of connections that ended here. Rejects with
   * EngineUnavailable where it could not be kept: it then counts here until a restart; try again. TypeError: it names nothing.
   */
  async revoke(revocation: Revocation): Promise<number> {
    const { kind, value, before } = readRevocation(revocation, this.#options.clock.wallTime());
    this.#apply({ kind, value, before });
    const ended = this.#options.endRevoked();
    const key = kind === 'all' ? 'all' : `${kind}.${createHash('sha256').update(value).digest('base64url')}`;
    // An earlier one may reach further.
    const lasting = { kind, value, before: this.#reach({ kind, value, before }) };
    const dataJson = JSON.stringify(lasting);
    await this.#options.broker.append({ channel: CHANNEL, event: 'state', dataJson, key, retention: NEWEST });
    return ended;
  }

  close(): void {
    this.#closed = true;
    this.#unfollow?.();
    this.#retry?.();
  }

  async #load(): Promise<void> {
    try {
      let after: Position | undefined;
      for (;;) {
        const page = await this.#options.broker.read({ channel: CHANNEL, retention: NEWEST, after, limit: PAGE });
        if (page.kind === 'gap') break;
        for (const event of page.events) this.#read(event);
        const last = page.events.at(-1);
        if (!page.more || last === undefined) break;
        after = { epoch: last.epoch, offset: last.offset };
      }
      this.#isLoaded = true;
      this.#options.endRevoked();
    } catch {
      if (!this.#closed) this.#retry = this.#options.clock.after(RETRY_MS, () => void this.#load());
    }
  }

  #heard(events: readonly StoredEvent[]): void {
    for (const event of events) this.#read(event);
    if (this.#isLoaded) this.#options.endRevoked();
  }

  #read({ dataJson }: StoredEvent): void {
    const entry = parseEntry(dataJson);
    if (entry !== undefined) this.#apply(entry);
  }

  #apply({ kind, value, before }: Entry): void {
    if (kind === 'token') this.#tokens.add(value);
    else if (kind === 'subject') this.#subjects.set(value, Math.max(before, this.#subjects.get(value) ?? before));
    else this.#all = Math.max(before, this.#all);
  }

  #reach({ kind, value, before }: Entry): number {
    return kind === 'subject' ? (this.#subjects.get(value) ?? before) : kind === 'all' ? this.#all : before;
  }
}

interface Entry {
  readonly kind: 'token' | 'subject' | 'all';
  readonly value: string;
  readonly before: number;
}

/** Throws a TypeError on what names nothing, or more than one thing. */
export function readRevocation(revocation: Revocation, now: number): Entry {
  const { tokenId, subject, issuedBefore }: Readonly<Record<string, unknown>> = { ...revocation };
  const isTime = issuedBefore === undefined || (typeof issuedBefore === 'number' && Number.isFinite(issuedBefore));
  if (tokenId !== undefined && subject === undefined && issuedBefore === undefined) {
    if (isText(tokenId)) return { kind: 'token', value: tokenId, before: now };
  } else if (tokenId === undefined && subject !== undefined && isTime) {
    if (isText(subject)) return { kind: 'subject', value: subject, before: issuedBefore ?? now };
  } else if (tokenId === undefined && subject === undefined && issuedBefore !== undefined && isTime) {
    return { kind: 'all', value: '', before: issuedBefore };
  }
  throw new TypeError(
    `revoke: expected { tokenId }, { subject, issuedBefore? } or { issuedBefore }, got ${describeValue(revocation)}.`,
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT;
}

/** undefined: a later version wrote what this one does not know. */
function parseEntry(json: string): Entry | undefined {
  const { kind, value, before }: Readonly<Record<string, unknown>> = Object(JSON.parse(json));
  const isKnown = kind === 'token' || kind === 'subject' || kind === 'all';
  return isKnown && typeof value === 'string' && typeof before === 'number' ? { kind, value, before } : undefined;
}
