/** Who is asking: a user for what is theirs, staff for everybody, another service with the API key. */
import type { IncomingMessage } from 'node:http';
import type { Identity } from 'fanfare';
import { ApiKeyCheck, type Exchange, fail, failFor } from 'fanfare/http';

type Identify = (req: IncomingMessage) => Promise<Identity | undefined>;

export interface CallersOptions {
  /** Whose credential a request carries, if that is in force: `live.identify`. */
  readonly identify: Identify;
  /** The same for a stream, whose credential may stand in its URL. */
  readonly identifyStream: Identify;
  /** undefined: nobody has it. */
  readonly apiKey: string | undefined;
}

const STAFF_ROLES: ReadonlySet<string> = new Set(['admin', 'staff']);

export function isStaff({ roles }: Identity): boolean {
  return roles.some((role) => STAFF_ROLES.has(role));
}

/** Who watches a stream. */
export interface Watcher {
  readonly userId: number;
  readonly identity: Identity | undefined;
}

export class Callers {
  readonly #options: CallersOptions;
  readonly #apiKey: ApiKeyCheck;

  constructor(options: CallersOptions) {
    this.#options = options;
    this.#apiKey = new ApiKeyCheck(options.apiKey);
  }

  /** The id of the user whose inbox this is about: the caller's own. Throws UNAUTHENTICATED. */
  async user({ req }: Exchange): Promise<number> {
    return userOf(await this.#named(req));
  }

  /** The same for a stream, with the identity that it ends with. */
  async watcher({ req }: Exchange): Promise<Watcher> {
    const identity = await this.#options.identifyStream(req);
    return { userId: userOf(identity), identity };
  }

  /** Who of the staff it is. Throws UNAUTHENTICATED or FORBIDDEN. */
  async staff({ req }: Exchange): Promise<Identity> {
    const identity = await this.#named(req);
    if (identity === undefined) return fail('UNAUTHENTICATED');
    return isStaff(identity) ? identity : failFor(identity, 'FORBIDDEN');
  }

  /** Staff, or a service with the API key. Throws UNAUTHENTICATED or FORBIDDEN. */
  async sender(exchange: Exchange): Promise<void> {
    if (!this.#apiKey.accepts(exchange.req)) await this.staff(exchange);
  }

  /** A ticket opens a stream and nothing else: what stands in a URL must not do anything. */
  async #named(req: IncomingMessage): Promise<Identity | undefined> {
    return hasTicket(req.url) ? undefined : this.#options.identify(req);
  }
}

function userOf(identity: Identity | undefined): number {
  if (identity === undefined) return fail('UNAUTHENTICATED');
  const id = Number(identity.subject);
  // A program has an identity too, but no inbox.
  return Number.isSafeInteger(id) && id > 0 ? id : failFor(identity, 'FORBIDDEN');
}

function hasTicket(url = ''): boolean {
  return new URLSearchParams(url.slice(url.indexOf('?') + 1)).has('ticket');
}
