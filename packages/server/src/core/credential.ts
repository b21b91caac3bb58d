/** What a hub must know of the credential behind a connection: whose it is, until when, and what a revocation may name. */
import type { Clock } from './ports/clock.ts';

/** A credential, as far as the hub has to know it. */
export interface Credential {
  /** Stable id of the user or the program; not empty. */
  readonly subject: string;
  /** Id of the token, `jti`: what a revocation of this one token names. */
  readonly tokenId?: string;
  /** Wall clock, milliseconds. Absent: as old as can be, so that every revocation of its subject includes it. */
  readonly issuedAt?: number;
  /** Wall clock, milliseconds. Connections end some seconds after it (`credentialGraceMs`). Absent: it never expires. */
  readonly expiresAt?: number;
}

/**
 * When a connection with this credential must have ended, by the monotonic clock from now on, so that a jump of the wall clock expires
 * nobody. `lateMs`: how late it may be called; it comes off the grace, so that no event goes out after that.
 */
export function lapseOf(
  credential: Credential | undefined,
  clock: Pick<Clock, 'now' | 'wallTime'>,
  { graceMs, lateMs }: { readonly graceMs: number; readonly lateMs: number },
): number {
  if (credential?.expiresAt === undefined) return Number.POSITIVE_INFINITY;
  return clock.now() + credential.expiresAt - clock.wallTime() + Math.max(0, graceMs - lateMs);
}
