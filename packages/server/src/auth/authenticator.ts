/** Finds out who asks, for every wire: what `authenticate` says, if that is in force. */
import type { IncomingMessage } from 'node:http';
import type { Clock, Credential } from '../core/index.ts';
import { catalogueError } from '../http/errors.ts';
import type { OriginPolicy } from '../http/origin-policy.ts';
import { type Authenticate, checkIdentity, type Identity } from './identity.ts';

export interface AuthenticatorOptions {
  /** undefined: everybody is anonymous. */
  readonly authenticate: Authenticate | undefined;
  readonly origins: OriginPolicy;
  readonly clock: Pick<Clock, 'wallTime'>;
  /** How long a connection outlives its credential. */
  readonly graceMs: number;
  readonly isRevoked: (credential: Credential) => boolean;
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** Rejects with what `authenticate` throws, and with CREDENTIAL_EXPIRED or CREDENTIAL_REVOKED for what is out of force. */
  async identify(request: IncomingMessage): Promise<Identity | undefined> {
    const { authenticate, origins } = this.#options;
    const found = await authenticate?.(request, { mayUseCookie: origins.mayUseCookie(request) });
    const identity = checkIdentity(found, 'authenticate');
    return identity && this.#inForce(identity);
  }

  #inForce(identity: Identity): Identity {
    const { clock, graceMs, isRevoked } = this.#options;
    const { expiresAt = Number.POSITIVE_INFINITY } = identity;
    if (expiresAt + graceMs <= clock.wallTime()) throw catalogueError('CREDENTIAL_EXPIRED');
    if (isRevoked(identity)) throw catalogueError('CREDENTIAL_REVOKED');
    return identity;
  }
}
