/** Finds out who asks, for every wire: by a one-time ticket, a key, or what `authenticate` says; if that is in force. */
import type { IncomingMessage } from 'node:http';
import type { Clock, Credential } from '../core/index.ts';
import { catalogueError, type HttpError } from '../http/errors.ts';
import type { OriginPolicy } from '../http/origin-policy.ts';
import type { RequestHead } from '../http/request-head.ts';
import { type ApiKeys, KEY_SUBJECT } from './api-keys.ts';
import { type Authenticate, checkIdentity, type Identity } from './identity.ts';
import { type Ticket, type Tickets, ticketIn } from './tickets.ts';

export interface AuthenticatorOptions {
  /** undefined: everybody without a ticket is anonymous. */
  readonly authenticate: Authenticate | undefined;
  readonly keys: ApiKeys;
  readonly tickets: Tickets;
  readonly origins: OriginPolicy;
  readonly clock: Pick<Clock, 'wallTime'>;
  /** How long a connection outlives its credential. */
  readonly graceMs: number;
  readonly revocations: {
    /** undefined: it is known what is revoked. Rejects where it is not. */
    known(): Promise<void> | undefined;
    isRevoked(credential: Credential): boolean;
  };
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** Is there nothing in the request that could say whose it is? Then nobody has to be asked, and `identify` finds nobody. */
  isAnonymous({ url }: RequestHead): boolean {
    const { authenticate, keys } = this.#options;
    return authenticate === undefined && keys.isEmpty && ticketIn(url) === undefined;
  }

  /**
   * Rejects with what `authenticate` throws; with TICKET_INVALID, and with CREDENTIAL_EXPIRED or CREDENTIAL_REVOKED for what is out
   * of force. A ticket decides alone: where it is wrong, no other credential beside it helps. It opens connections, and does nothing else:
   * what stands in a URL is seen by others.
   */
  async identify(request: IncomingMessage): Promise<Identity | undefined> {
    const ticket = ticketIn(request.url);
    const identity = await (ticket === undefined ? this.#asked(request) : this.#redeemed(ticket, request));
    if (identity === undefined) return undefined;
    const asking = this.#options.revocations.known();
    if (asking !== undefined) await asking;
    const refusal = this.outOfForce(identity);
    if (refusal !== undefined) throw refusal;
    return identity;
  }

  /**
   * What somebody who was let in is refused with by now; undefined: nothing. To be asked again after whatever takes its time, such as
   * the body of a request or a rule of the application, and before what it was for is done.
   */
  outOfForce(identity: Credential | undefined): HttpError | undefined {
    if (identity === undefined) return undefined;
    const { clock, graceMs, revocations } = this.#options;
    const { expiresAt = Number.POSITIVE_INFINITY } = identity;
    if (expiresAt + graceMs <= clock.wallTime()) return catalogueError('CREDENTIAL_EXPIRED');
    return revocations.isRevoked(identity) ? catalogueError('CREDENTIAL_REVOKED') : undefined;
  }

  /** A ticket for who sent the request. Rejects as `identify`, and with UNAUTHENTICATED for nobody in particular. */
  async ticket(request: IncomingMessage): Promise<Ticket> {
    const identity = await this.identify(request);
    if (identity === undefined) throw catalogueError('UNAUTHENTICATED');
    return this.#options.tickets.issue(identity, request);
  }

  async #asked(request: IncomingMessage): Promise<Identity | undefined> {
    const { authenticate, keys, origins } = this.#options;
    const byKey = keys.find(request);
    if (byKey !== undefined) return byKey;
    const found = checkIdentity(
      await authenticate?.(request, { mayUseCookie: origins.mayUseCookie(request) }),
      'authenticate',
    );
    // Else a user could be taken for a program: in limits, in lists, on its connections.
    if (found?.subject.startsWith(KEY_SUBJECT)) {
      throw new TypeError(
        `authenticate must not return a subject that begins with ${KEY_SUBJECT}: those are the API keys.`,
      );
    }
    return found;
  }

  async #redeemed(ticket: string, request: IncomingMessage): Promise<Identity> {
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    const identity = isReading ? await this.#options.tickets.redeem(ticket, request) : undefined;
    if (identity === undefined) throw catalogueError('TICKET_INVALID');
    return identity;
  }

  /** Neither expired nor revoked. */
  isInForce(credential: Credential): boolean {
    return this.outOfForce(credential) === undefined;
  }
}
