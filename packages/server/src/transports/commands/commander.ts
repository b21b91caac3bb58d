/** Who commands, and about which connection: a WebSocket for itself, or a request for the stream or poll beside it. */
import type { Language } from '@fanfare/protocol';
import type { Identity } from '../../auth/identity.ts';
import type { Connection } from '../../core/index.ts';
import type { HttpError } from '../../http/errors.ts';

export interface Commander {
  readonly connection: Connection;
  readonly address: string;
  readonly language: Language;
  /** Held for as long as the connection, or the request, lasts; `auth` sets it. */
  identity: Identity | undefined;
  /**
   * For who has a credential beside that of the connection: what it is refused with by now. Who has none is out of force with the
   * connection, which is closed then.
   */
  readonly outOfForce?: (identity: Identity | undefined) => HttpError | undefined;
  /** Who a token belongs to, asked of the application. Rejects with what it throws. */
  identify(token: string): Promise<Identity | undefined>;
}
