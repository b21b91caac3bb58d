/** One-time tickets for clients that can put a credential nowhere but into a URL: a bare EventSource of another origin. */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../core/index.ts';
import { tooMany } from '../http/errors.ts';
import type { OriginPolicy } from '../http/origin-policy.ts';
import { RateLimiter } from '../http/rate-limiter.ts';
import type { Identity } from './identity.ts';

export interface Ticket {
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
const OUR_SITES: readonly unknown[] = [undefined, 'same-origin', 'none'];

export interface TicketsOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly origins: OriginPolicy;
}

/** In the memory of this process: with several, a ticket counts at the one that issued it. */
export class Tickets {
  readonly #options: TicketsOptions;
  readonly #rate: RateLimiter;
  /** By hash, in the order of issue, which is that of their end. */
  readonly #issued = new Map<string, Issued>();
  /** The same, by whose they are. */
  readonly #bySubject = new Map<string, string[]>();

  constructor(options: TicketsOptions) {
    this.#options = options;
    this.#rate = new RateLimiter({ burst: BURST, perSecond: PER_SECOND, now: () => options.clock.now() });
  }

  /** For the page that sent the request: 30 s, one use, from the same web origin. Throws RATE_LIMITED. */
  issue(identity: Identity, request: IncomingMessage): Ticket {
    const verdict = this.#rate.take(identity.subject);
    if (!verdict.allowed) throw tooMany(verdict.retryAfterMs);
    const now = this.#options.clock.now();
    const ticket = randomBytes(32).toString('base64url');
    for (const [oldest, { until }] of this.#issued) {
      if (until > now && this.#issued.size < MAX_ISSUED) break;
      this.#take(oldest);
    }
    const own = this.#bySubject.get(identity.subject) ?? [];
    const [ownOldest] = own;
    if (own.length >= MAX_PER_SUBJECT && ownOldest !== undefined) this.#take(ownOldest);
    this.#keep(hashOf(ticket), { identity, page: this.#pageOf(request), until: now + LIFETIME_MS });
    return { ticket, expiresIn: LIFETIME_MS / 1000 };
  }

  /** Whose it is; undefined: unknown, used, too old, or of another page. It is used up in any case. */
  redeem(ticket: string, request: IncomingMessage): Identity | undefined {
    if (!TICKET.test(ticket)) return undefined;
    const issued = this.#take(hashOf(ticket));
    if (issued === undefined || issued.until <= this.#options.clock.now()) return undefined;
    return issued.page === this.#pageOf(request) && isOurSite(request) ? issued.identity : undefined;
  }

  #keep(hash: string, issued: Issued): void {
    const { subject } = issued.identity;
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
  #pageOf(request: IncomingMessage): string {
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
function isOurSite({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || OUR_SITES.includes(headers['sec-fetch-site']);
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64');
}
