/** Who is asking: a user for what is theirs, staff for everybody, another service with the API key. */
import type { IncomingMessage } from 'node:http';
import type { Identity } from 'fanfare';
import { ApiKeyCheck, type Exchange, fail } from 'fanfare/http';

export interface CallersOptions {
  /** Who a login says that the caller is. */
  readonly authenticate: (req: IncomingMessage) => Identity | undefined | Promise<Identity | undefined>;
  /** Who opens a stream: as `authenticate`, and by what else may stand in its URL. */
  readonly authenticateStream: (req: IncomingMessage) => Identity | undefined | Promise<Identity | undefined>;
  /** undefined: nobody has it. */
  readonly apiKey: string | undefined;
}

const STAFF_ROLES: ReadonlySet<string> = new Set(['admin', 'staff']);

export function isStaff({ roles }: Identity): boolean {
  return roles.some((role) => STAFF_ROLES.has(role));
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
    return userOf(await this.#options.authenticate(req));
  }

  /** The same for a stream. */
  async watcher({ req }: Exchange): Promise<number> {
    return userOf(await this.#options.authenticateStream(req));
  }

  /** Throws UNAUTHENTICATED or FORBIDDEN. */
  async staff({ req }: Exchange): Promise<void> {
    const identity = await this.#options.authenticate(req);
    if (identity === undefined) fail('UNAUTHENTICATED');
    else if (!isStaff(identity)) fail('FORBIDDEN');
  }

  /** Staff, or a service with the API key. Throws UNAUTHENTICATED or FORBIDDEN. */
  async sender(exchange: Exchange): Promise<void> {
    if (!this.#apiKey.accepts(exchange.req)) await this.staff(exchange);
  }
}

function userOf(identity: Identity | undefined): number {
  if (identity === undefined) return fail('UNAUTHENTICATED');
  const id = Number(identity.subject);
  // A program has an identity too, but no inbox.
  return Number.isSafeInteger(id) && id > 0 ? id : fail('FORBIDDEN');
}
