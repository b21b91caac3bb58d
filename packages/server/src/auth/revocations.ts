/**
 * Credentials that are withdrawn before their time. Kept as the values of a channel of the engine's, one per subject, per token, and
 * one for all: so they survive a restart where events do, and reach every server that shares the engine. A token of which it is known
 * when it runs out is kept until then and no longer, in a channel whose events last at least as long: what is out of force by itself
 * needs no keeping.
 */
import { createHash } from 'node:crypto';
import { describeValue, type Position } from '@fanfare/protocol';
import type { Broker, Cancel, Clock, Credential, Retention, StoredEvent } from '../core/index.ts';
import { EngineUnavailable } from '../core/index.ts';
import { fieldsOf } from './fields-of.ts';

/**
 * What to withdraw: one token, which `expiresAt` (its `exp`, in milliseconds; @default that of an open connection, else it is kept for
 * ever) lets be forgotten in time; every token of a subject; every token there is. `issuedBefore`: those issued up to then, wall clock in
 * milliseconds. What does not say when it was issued counts as older. @default now
 */
export type Revocation =
  | { readonly tokenId: string; readonly expiresAt?: number }
  | { readonly subject: string; readonly issuedBefore?: number }
  | { readonly issuedBefore: number };

export interface RevocationsOptions {
  readonly broker: Broker;
  readonly clock: Pick<Clock, 'wallTime' | 'after'>;
  /** Ends the connections whose credential is revoked now; returns how many. */
  readonly endRevoked: () => number;
  /** When a token runs out, as an open connection knows it; undefined: none does. */
  readonly expiryOf: (tokenId: string) => number | undefined;
}

/** No client can name it: the channel map has no names that begin so. */
const CHANNEL = '_fanfare:revocations';
const NEWEST: Retention = { kind: 'newest' };
const HOUR_MS = 3_600_000;
/** How much longer than a token what says that it is withdrawn: clocks differ, and connections outlive their credential by a little. */
const SLACK_MS = HOUR_MS;
/** Channels of tokens that run out, each for those that do within so long; which one an event is in never changes how long others last. */
const LASTING = [4, 48, 32 * 24, 400 * 24].map((hours) => ({
  channel: `_fanfare:revoked-tokens-${hours}h`,
  ageMs: hours * HOUR_MS,
}));
const CHANNELS: readonly { readonly channel: string; readonly retention: Retention }[] = [
  { channel: CHANNEL, retention: NEWEST },
  ...LASTING.map(({ channel, ageMs }) => ({ channel, retention: { kind: 'window' as const, ageMs } })),
];
/** Tokens that are held before it is looked which of them have run out. */
const LEAST_SWEPT = 1000;
const PAGE = 1000;
const RETRY_MS = 1000;
const MAX_TEXT = 1024;

export class Revocations {
  readonly #options: RevocationsOptions;
  /** Until when each must be known, wall clock in milliseconds. */
  readonly #tokens = new Map<string, number>();
  #sweepAt = LEAST_SWEPT;
  /** Wall clock, milliseconds: what was issued up to then is out of force. */
  readonly #subjects = new Map<string, number>();
  #all = Number.NEGATIVE_INFINITY;
  #isLoaded = false;
  readonly #firstLoad: Promise<void>;
  readonly #unfollows: readonly (() => void)[];
  #retry: Cancel | undefined;
  /** What the engine did not take, by key: it is asked again until it does. */
  readonly #unkept = new Map<string, Entry>();
  #retryKeeping: Cancel | undefined;
  #closed = false;

  constructor(options: RevocationsOptions) {
    this.#options = options;
    this.#unfollows = CHANNELS.map(({ channel }) => options.broker.follow(channel, (events) => this.#heard(events)));
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
   * EngineUnavailable where it could not be kept: it then counts here, and is tried again every second until this server ends. Who
   * wants to know that it is kept tries again, too. TypeError: it names nothing.
   */
  async revoke(revocation: Revocation): Promise<number> {
    const entry = this.#withExpiry(readRevocation(revocation, this.#options.clock.wallTime()));
    this.#apply(entry);
    const ended = this.#options.endRevoked();
    await this.#keep(entry);
    return ended;
  }

  /** Token ids that are held in memory. */
  get tokenCount(): number {
    return this.#tokens.size;
  }

  close(): void {
    this.#closed = true;
    for (const unfollow of this.#unfollows) unfollow();
    this.#retry?.();
    this.#retryKeeping?.();
  }

  async #keep(entry: Entry): Promise<void> {
    const { kind, value } = entry;
    const key = kind === 'all' ? 'all' : `${kind}.${createHash('sha256').update(value).digest('base64url')}`;
    // An earlier one may reach further.
    const dataJson = JSON.stringify({ ...entry, before: this.#reach(entry) });
    const { channel, retention } = whereToKeep(entry, this.#options.clock.wallTime());
    try {
      await this.#options.broker.append({ channel, event: 'state', dataJson, key, retention });
      this.#unkept.delete(key);
    } catch (error) {
      if (!this.#closed) {
        this.#unkept.set(key, entry);
        this.#retryKeeping ??= this.#options.clock.after(RETRY_MS, () => this.#keepLeft());
      }
      throw error;
    }
  }

  #keepLeft(): void {
    this.#retryKeeping = undefined;
    for (const entry of [...this.#unkept.values()]) this.#keep(entry).catch(() => undefined);
  }

  async #load(): Promise<void> {
    try {
      await Promise.all(CHANNELS.map((kept) => this.#loadFrom(kept)));
      this.#isLoaded = true;
      this.#options.endRevoked();
    } catch {
      if (!this.#closed) this.#retry = this.#options.clock.after(RETRY_MS, () => void this.#load());
    }
  }

  async #loadFrom({ channel, retention }: (typeof CHANNELS)[number]): Promise<void> {
    let after: Position | undefined;
    for (;;) {
      const page = await this.#options.broker.read({ channel, retention, after, limit: PAGE });
      // What was dropped while it was read had run out; whatever else there is begins with the oldest.
      if (page.kind === 'gap' && after === undefined) return;
      const events = page.kind === 'gap' ? [] : page.events;
      for (const event of events) this.#read(event);
      const last = events.at(-1);
      if (page.kind === 'events' && (!page.more || last === undefined)) return;
      after = last && { epoch: last.epoch, offset: last.offset };
    }
  }

  /** A token lasts as long as it says, or as an open connection of it knows. */
  #withExpiry(entry: Entry): Entry {
    if (entry.kind !== 'token') return entry;
    const expiresAt = entry.until ?? this.#options.expiryOf(entry.value);
    return expiresAt === undefined ? entry : { ...entry, until: expiresAt + SLACK_MS };
  }

  #sweep(): void {
    const now = this.#options.clock.wallTime();
    for (const [token, until] of this.#tokens) if (until <= now) this.#tokens.delete(token);
    this.#sweepAt = Math.max(LEAST_SWEPT, 2 * this.#tokens.size);
  }

  #heard(events: readonly StoredEvent[]): void {
    for (const event of events) {
      const entry = this.#read(event);
      // Two servers revoked at the same time, and the one that reached less far was written last.
      if (entry !== undefined && this.#reach(entry) > entry.before) this.#keep(entry).catch(() => undefined);
    }
    if (this.#isLoaded) this.#options.endRevoked();
  }

  #read({ dataJson }: StoredEvent): Entry | undefined {
    const entry = parseEntry(dataJson);
    if (entry !== undefined) this.#apply(entry);
    return entry;
  }

  #apply({ kind, value, before, until = Number.POSITIVE_INFINITY }: Entry): void {
    if (kind === 'token') {
      this.#tokens.set(value, Math.max(until, this.#tokens.get(value) ?? until));
      if (this.#tokens.size >= this.#sweepAt) this.#sweep();
    } else if (kind === 'subject') this.#subjects.set(value, Math.max(before, this.#subjects.get(value) ?? before));
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
  /** Of a token: until when it must be known, wall clock in milliseconds. Absent: for ever. */
  readonly until?: number;
}

/** Throws a TypeError on what names nothing, or more than one thing. */
function readRevocation(revocation: Revocation, now: number): Entry {
  const { tokenId, subject, issuedBefore, expiresAt }: Readonly<Record<string, unknown>> = { ...revocation };
  const isEnd = expiresAt === undefined || (typeof expiresAt === 'number' && Number.isFinite(expiresAt));
  const isTime = issuedBefore === undefined || (typeof issuedBefore === 'number' && Number.isFinite(issuedBefore));
  if (tokenId !== undefined && subject === undefined && issuedBefore === undefined) {
    const end = expiresAt === undefined ? {} : { until: Number(expiresAt) };
    if (isText(tokenId) && isEnd) return { kind: 'token', value: tokenId, before: now, ...end };
  } else if (expiresAt !== undefined) {
    // It says when a token runs out, and there is none.
  } else if (tokenId === undefined && subject !== undefined && isTime) {
    if (isText(subject)) return { kind: 'subject', value: subject, before: issuedBefore ?? now };
  } else if (tokenId === undefined && subject === undefined && issuedBefore !== undefined && isTime) {
    return { kind: 'all', value: '', before: issuedBefore };
  }
  throw new TypeError(
    `revoke: expected { tokenId, expiresAt? }, { subject, issuedBefore? } or { issuedBefore }, got ${describeValue(revocation)}.`,
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT;
}

/** The channel whose events last longer than the token, if there is one. */
function whereToKeep({ kind, until }: Entry, now: number): (typeof CHANNELS)[number] {
  const lasting = until === undefined ? undefined : LASTING.find(({ ageMs }) => ageMs >= until - now);
  if (kind !== 'token' || lasting === undefined) return { channel: CHANNEL, retention: NEWEST };
  return { channel: lasting.channel, retention: { kind: 'window', ageMs: lasting.ageMs } };
}

/** undefined: a later version wrote what this one does not know, or nobody of us did. */
function parseEntry(json: string): Entry | undefined {
  const { kind, value, before, until } = fieldsOf(json);
  const isKnown = kind === 'token' || kind === 'subject' || kind === 'all';
  if (!isKnown || typeof value !== 'string' || typeof before !== 'number') return undefined;
  return { kind, value, before, ...(typeof until === 'number' ? { until } : {}) };
}
