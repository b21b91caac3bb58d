/** Who is asking: what `authenticate` found behind a request. */
import type { IncomingMessage } from 'node:http';
import type { Credential } from '../core/index.ts';
import { describeShape } from './describe-shape.ts';

export interface Identity extends Credential {
  readonly roles: readonly string[];
  readonly name?: string;
}

/**
 * Reads the credential of a request; undefined: anonymous. Throw a FanfareError to refuse a broken credential with its
 * status; any other throw, and an answer that is no identity, is a fault of the server, which an SSE client retries.
 */
export type Authenticate = (request: IncomingMessage) => Identity | undefined | Promise<Identity | undefined>;

/** Throws what `authenticate` throws, and a TypeError for an answer without subject or roles, which rules rely on. */
export async function identify(
  authenticate: Authenticate | undefined,
  request: IncomingMessage,
): Promise<Identity | undefined> {
  const found: unknown = await authenticate?.(request);
  // JavaScript says null for nobody as often: to a rule that asks for undefined it must not look like somebody.
  if (found === undefined || found === null) return undefined;
  if (isIdentity(found)) return found;
  throw new TypeError(
    `authenticate must return { subject, roles } (a string, an array of strings), or undefined for nobody, got ${describeShape(found)}`,
  );
}

function isIdentity(found: unknown): found is Identity {
  if (typeof found !== 'object' || found === null || !('subject' in found && 'roles' in found)) return false;
  const { subject, roles } = found;
  const { issuedAt, expiresAt, tokenId }: Readonly<Record<string, unknown>> = { ...found };
  return (
    isTime(issuedAt) &&
    isTime(expiresAt) &&
    (tokenId === undefined || typeof tokenId === 'string') &&
    typeof subject === 'string' &&
    subject !== '' &&
    Array.isArray(roles) &&
    roles.every((role) => typeof role === 'string')
  );
}

/** A lifetime that cannot be read must not become a credential without an end. */
function isTime(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && !Number.isNaN(value));
}
