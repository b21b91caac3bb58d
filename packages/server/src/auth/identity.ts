/** Who is asking: what `authenticate` found behind a request. */
import type { IncomingMessage } from 'node:http';
import type { Credential } from '../core/index.ts';
import { describeShape } from './describe-shape.ts';
import { compileGrants, type GrantTable } from './grant-table.ts';

/** Somebody, as `authenticate` found them: whose credential it is, and what rules may rely on. */
export interface Identity extends Credential {
  /** Of the application's own; none: empty. */
  readonly roles: readonly string[];
  /** For people to read; nothing is decided by it. */
  readonly name?: string;
  /** Of the token: what `{name}` in a grant stands for, and for your rules. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** What the credential itself allows; counts where `authorize` has `grants()`. */
  readonly grants?: GrantTable;
}

/** What is known of a request beside itself. */
export interface RequestFacts {
  /**
   * May its cookies be believed? No where another site made the browser send the request, which then acts for whoever
   * visits that site.
   */
  readonly mayUseCookie: boolean;
}

/**
 * Reads the credential of a request; undefined: anonymous. Throw a FanfareError to refuse a broken credential with its
 * status; any other throw, and an answer that is no identity, is a fault of the server, which an SSE client retries.
 */
export type Authenticate = (
  request: IncomingMessage,
  facts: RequestFacts,
) => Identity | undefined | Promise<Identity | undefined>;

/** An identity, or nobody. Throws a TypeError for what lacks the subject or roles that rules rely on. `owner`: who said it. */
export function checkIdentity(found: unknown, owner: string): Identity | undefined {
  // JavaScript says null for nobody as often: to a rule that asks for undefined it must not look like somebody.
  if (found === undefined || found === null) return undefined;
  if (!isIdentity(found)) {
    throw new TypeError(
      `${owner} must return { subject, roles } (a string, an array of strings), or undefined for nobody, got ${describeShape(found)}`,
    );
  }
  if (found.grants !== undefined) compileGrants(found.grants, `${owner}: grants`);
  return found;
}

function isIdentity(found: unknown): found is Identity {
  if (typeof found !== 'object' || found === null || !('subject' in found && 'roles' in found)) return false;
  const { subject, roles } = found;
  const { issuedAt, expiresAt, tokenId, claims }: Readonly<Record<string, unknown>> = { ...found };
  return (
    isTime(issuedAt) &&
    isTime(expiresAt) &&
    (tokenId === undefined || typeof tokenId === 'string') &&
    (claims === undefined || (typeof claims === 'object' && claims !== null)) &&
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
