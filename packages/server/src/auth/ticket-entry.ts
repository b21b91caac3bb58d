/** What is kept of a ticket, for every server of the engine: that it was issued, and for whom; and that it was used. */

import { fieldsOf } from './fields-of.ts';
import { checkIdentity, type Identity } from './identity.ts';

/** It was issued. */
export interface TicketIssue {
  readonly kind: 'issued';
  readonly identity: Identity;
  /** Origin of the page that it is for; '': one of ours, or a program. */
  readonly page: string;
  /** Wall clock, milliseconds. */
  readonly until: number;
}

export type TicketEntry = TicketIssue | { readonly kind: 'used' };

/** About which ticket, by its hash; and which server says so. */
export type ToldTicket<E extends TicketEntry> = E & { readonly hash: string; readonly from: string };

/** Throws a TypeError for an identity that JSON cannot hold. */
export function encodeTicket(entry: ToldTicket<TicketEntry>): string {
  return JSON.stringify(entry.kind === 'used' ? entry : { ...entry, identity: writable(entry.identity) });
}

/** undefined: a later version wrote what this one does not know, or nobody of us did. Never throws. */
export function parseTicket(json: string): ToldTicket<TicketIssue> | ToldTicket<{ readonly kind: 'used' }> | undefined {
  const { kind, hash, from, page, until, identity } = fieldsOf(json);
  if (typeof hash !== 'string' || typeof from !== 'string') return undefined;
  if (kind === 'used') return { kind, hash, from };
  if (kind !== 'issued' || typeof page !== 'string' || typeof until !== 'number') return undefined;
  const found = parseIdentity(identity);
  return found && { kind, hash, from, page, until, identity: found };
}

/**
 * As JSON can hold it. What an object of a class of the application's has by inheritance is not its own; and there is no Infinity: a
 * credential without an end has none, and one that is older than everything has no beginning.
 */
function writable(identity: Identity): object {
  const { subject, roles, tokenId, issuedAt, expiresAt, name, claims, grants } = identity;
  return {
    ...identity,
    ...{ subject, roles, tokenId, name, claims, grants },
    issuedAt: issuedAt === Number.NEGATIVE_INFINITY ? undefined : issuedAt,
    expiresAt: expiresAt === Number.POSITIVE_INFINITY ? undefined : expiresAt,
  };
}

function parseIdentity(value: unknown): Identity | undefined {
  try {
    return checkIdentity(value, 'a ticket');
  } catch {
    return undefined;
  }
}
