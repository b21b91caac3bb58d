/** A token presented on a living connection [PROTOCOL §14]: who it belongs to, and whether that may be. */
import type { CloseName } from '@fanfare/protocol';
import type { Identity } from '../../auth/identity.ts';
import { FanfareError } from '../../channels/fanfare-error.ts';
import type { Disconnects } from '../../core/index.ts';
import { closeNameOf } from '../refusal.ts';
import type { Commander } from './commander.ts';

/** `close`: the connection has nothing to live for. */
export type IdentityRefresh =
  | { readonly found: Identity | undefined }
  | { readonly error: unknown; readonly close: CloseName };

/**
 * Sets the identity of the commander and of its connection. Rejects when the token is refused and the connection keeps
 * what it had: an identity that the token does not belong to, or its subscriptions.
 */
export async function refreshIdentity(
  commander: Commander,
  token: string,
  disconnects: Pick<Disconnects, 'mark' | 'reached'>,
): Promise<IdentityRefresh> {
  const { connection } = commander;
  const since = disconnects.mark;
  try {
    const found = await commander.identify(token);
    const { id } = connection;
    const reached = disconnects.reached(since, { id, identity: found?.subject ?? '', credential: found });
    if (reached === 'forgotten') throw new FanfareError('TOO_MANY_CONNECTIONS');
    if (reached === 'ended') {
      connection.close('disconnectedByOperator');
      throw new FanfareError('CLOSED');
    }
    const held = connection.identity;
    if (held !== '' && found === undefined) throw new FanfareError('UNAUTHENTICATED');
    if (held !== '' && found !== undefined && found.subject !== held) throw new FanfareError('SUBJECT_MISMATCH');
    if (held === '' && found !== undefined && connection.exceeds(found.subject)) {
      throw new FanfareError('TOO_MANY_CONNECTIONS');
    }
    commander.identity = found;
    connection.belongTo(found);
    return { found };
  } catch (error) {
    if (connection.identity !== '' || connection.subscriptions.length > 0) throw error;
    return { error, close: closeNameOf(error) };
  }
}
