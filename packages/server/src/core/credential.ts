/** What a hub must know of the credential behind a connection: whose it is, until when, and what a revocation may name. */

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
