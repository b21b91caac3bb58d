/**
 * One-time tickets for clients that can put a credential nowhere but into a URL: a bare EventSource of another origin. Kept, by their
 * hashes, in a channel of the engine: so a ticket of one server opens a connection at another one that shares it, or after a restart.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Position } from '@fanfare/protocol';
import type { Broker, Clock, Entropy, Retention, StoredEvent } from '../core/index.ts';
import { tooMany } from '../http/errors.ts';
import type { OriginPolicy } from '../http/origin-policy.ts';
import { RateLimiter } from '../http/rate-limiter.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { Identity } from './identity.ts';
import { encodeTicket, parseTicket, type TicketEntry, type TicketIssue, type ToldTicket } from './ticket-entry.ts';

/** Opens one connection, once, instead of a credential. */
export interface Ticket {
  /** For the query of the URL: `?ticket=`. */
  readonly ticket: string;
  /** Seconds. */
  readonly expiresIn: number;
}

interface Issued {
  readonly identity: Identity;
  readonly page: string;
  /** Monotonic milliseconds. */
  readonly until: number;
}

const LIFETIME_MS = 30_000;
/** Outstanding at a time; over it the oldest give way: of one subject its own, so that nobody takes those of others. */
const MAX_ISSUED = 10_000;
const MAX_PER_SUBJECT = 64;
/** Of one subject: at once, and in the long run. */
const BURST = 2 * MAX_PER_SUBJECT;
const PER_SECOND = 4;
const TICKET = /^[\w-]{43}$/;
/** No client can name it: the channel map has no names that begin so. */
const CHANNEL = '_fanfare:tickets';
/** Of what is issued and used; twice the lifetime, so that no clock that is a little off loses one. */
const KEPT: Retention = { kind: 'window', count: 4 * MAX_ISSUED, ageMs: 2 * LIFETIME_MS };
const PAGE_SIZE = 1000;
const OUR_SITES: readonly unknown[] = [undefined, 'same-origin', 'none'];

export interface TicketsOptions {
  readonly clock: Pick<Clock, 'now' | 'wallTime'>;
  readonly entropy: Pick<Entropy, 'id'>;
  readonly broker: Pick<Broker, 'append' | 'read' | 'follow'>;
  readonly origins: OriginPolicy;
}

export class Tickets {
  readonly #options: TicketsOptions;
  readonly #rate: RateLimiter;
  /** By hash, in the order of issue, which is that of their end. */
  readonly #issued = new Map<string, Issued>();
  /** The same, by whose they are. */
  readonly #bySubject = new Map<string, string[]>();

  readonly #server: string;
  readonly #unfollow: () => void;
  /** Up to where the channel is known here. */
  #known: Position | undefined;

  constructor(options: TicketsOptions) {
    this.#options = options;
    this.#server = options.entropy.id();
    this.#unfollow = options.broker.follow(CHANNEL, (events) => this.#heard(events));
    this.#rate = new RateLimiter({ burst: BURST, perSecond: PER_SECOND, now: () => options.clock.now() });
  }

  close(): void {
    this.#unfollow();
  }

  /**
   * For the page that sent the request: 30 s, one use, from the same web origin. Rejects with RATE_LIMITED, and with EngineUnavailable
   * where it could not be kept.
   */
  async issue(identity: Identity, request: RequestHead): Promise<Ticket> {
    const verdict = this.#rate.take(identity.subject);
    if (!verdict.allowed) throw tooMany(verdict.retryAfterMs);
    const { clock } = this.#options;
    const ticket = randomBytes(32).toString('base64url');
    const hash = hashOf(ticket);
    const page = this.#pageOf(request);
    this.#keep(hash, { identity, page, until: clock.now() + LIFETIME_MS });
    await this.#append(hash, { kind: 'issued', identity, page, until: clock.wallTime() + LIFETIME_MS });
    return { ticket, expiresIn: LIFETIME_MS / 1000 };
  }

  /**
   * Whose it is; undefined: unknown, used, too old, or of another page. It is used up in any case, at every server of the engine. Rejects
   * with EngineUnavailable where that cannot be known.
   */
  async redeem(ticket: string, request: RequestHead): Promise<Identity | undefined> {
    if (!TICKET.test(ticket)) return undefined;
    const hash = hashOf(ticket);
    // Of another server, and on its way here perhaps.
    if (!this.#issued.has(hash)) await this.#catchUp();
    const issued = this.#take(hash);
    if (issued === undefined || issued.until <= this.#options.clock.now()) return undefined;
    // Whoever comes second, wherever, finds that somebody was first.
    const isFirst = await this.#append(hash, { kind: 'used' });
    return isFirst && issued.page === this.#pageOf(request) && isOurSite(request) ? issued.identity : undefined;
  }

  /** false: somebody has said this of the ticket already. */
  async #append(hash: string, entry: TicketEntry): Promise<boolean> {
    const { duplicate } = await this.#options.broker.append({
      ...{ channel: CHANNEL, event: entry.kind, key: '', retention: KEPT },
      dataJson: encodeTicket({ ...entry, hash, from: this.#server }),
      idempotencyKey: `${entry.kind} ${hash}`,
    });
    return !duplicate;
  }

  async #catchUp(): Promise<void> {
    const { broker } = this.#options;
    for (let more = true; more; ) {
      const wanted = { channel: CHANNEL, retention: KEPT, limit: PAGE_SIZE };
      const page = await broker.read({ ...wanted, after: this.#known });
      const found = page.kind === 'gap' ? await broker.read({ ...wanted, after: undefined }) : page;
      if (found.kind === 'gap') return;
      this.#heard(found.events);
      more = found.more;
    }
  }

  #heard(events: readonly StoredEvent[]): void {
    for (const { dataJson, epoch, offset } of events) {
      this.#known = { epoch, offset };
      const entry = parseTicket(dataJson);
      if (entry?.kind === 'used') this.#take(entry.hash);
      else if (entry !== undefined && entry.from !== this.#server) this.#keepHeard(entry);
    }
  }

  /** Of another server, or of this one before a restart. Never longer than it would have been here. */
  #keepHeard({ hash, identity, page, until }: ToldTicket<TicketIssue>): void {
    const { clock } = this.#options;
    const leftMs = Math.min(LIFETIME_MS, until - clock.wallTime());
    if (leftMs > 0) this.#keep(hash, { identity, page, until: clock.now() + leftMs });
  }

  #keep(hash: string, issued: Issued): void {
    const { subject } = issued.identity;
    const now = this.#options.clock.now();
    for (const [oldest, { until }] of this.#issued) {
      if (until > now && this.#issued.size < MAX_ISSUED) break;
      this.#take(oldest);
    }
    const [ownOldest, ...others] = this.#bySubject.get(subject) ?? [];
    if (others.length + 1 >= MAX_PER_SUBJECT && ownOldest !== undefined) this.#take(ownOldest);
    this.#issued.set(hash, issued);
    this.#bySubject.set(subject, [...(this.#bySubject.get(subject) ?? []), hash]);
  }

  #take(hash: string): Issued | undefined {
    const issued = this.#issued.get(hash);
    if (issued === undefined) return undefined;
    const { subject } = issued.identity;
    const left = (this.#bySubject.get(subject) ?? []).filter((other) => other !== hash);
    this.#issued.delete(hash);
    if (left.length === 0) this.#bySubject.delete(subject);
    else this.#bySubject.set(subject, left);
    return issued;
  }

  /**
   * The origin of the page; '' for our own pages, and for programs. A browser names it on every request to another origin, and
   * on a GET to its own it need not.
   */
  #pageOf(request: RequestHead): string {
    return this.#options.origins.verdict(request) === 'listed' ? (request.headers.origin ?? '') : '';
  }
}

/** The ticket in the query of a URL; undefined: there is none. */
export function ticketIn(url: string | undefined): string | undefined {
  if (url === undefined || !url.includes('ticket=')) return undefined;
  const query = url.slice(url.indexOf('?') + 1);
  return new URLSearchParams(query).get('ticket') ?? undefined;
}

/** The URL without its ticket, for whoever keeps it. */
export function withoutTicket(url: string): string {
  if (ticketIn(url) === undefined) return url;
  const split = url.indexOf('?');
  const query = new URLSearchParams(url.slice(split + 1));
  query.delete('ticket');
  return `${url.slice(0, split)}?${query}`;
}

/** Without an origin a browser still tells whether another site caused the request. */
function isOurSite({ headers }: RequestHead): boolean {
  return headers.origin !== undefined || OUR_SITES.includes(headers['sec-fetch-site']);
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64');
}
