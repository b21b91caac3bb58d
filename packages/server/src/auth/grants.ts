/** `grants()`: access by patterns, from the token and from the configuration. */
import type { AccessDecision, AccessRequest } from './access.ts';
import type { Authority } from './gate.ts';
import { type Claims, claimValues, type GrantPattern } from './grant-pattern.ts';
import { type CompiledGrants, compileGrants, type GrantTable } from './grant-table.ts';
import type { Identity } from './identity.ts';

/** Options of `grants()`: tables that count beside those of the tokens. */
export interface GrantsOptions {
  /** What everybody may, nobody in particular included. @default nothing */
  readonly anyone?: GrantTable;
  /** What everybody may who is somebody. @default nothing */
  readonly users?: GrantTable;
  /** What those may who have a role. @default nothing */
  readonly roles?: Readonly<Record<string, GrantTable>>;
  /** Do the grants of tokens count? @default true */
  readonly fromTokens?: boolean;
}

/** A table, and why it applies. */
interface Source {
  readonly name: string;
  readonly grants: CompiledGrants;
}

const ALLOW: AccessDecision = { allow: true };

/**
 * Allows what a grant of the identity allows; says nothing otherwise. `{sub}` in a pattern is the subject, any other `{name}` the
 * claim of the token. Throws a TypeError on a table that makes no sense.
 */
export function grants(options: GrantsOptions = {}): Authority {
  const { anyone, users, roles = {}, fromTokens = true } = options;
  const compiled = (name: string, table: GrantTable | undefined): readonly Source[] =>
    table === undefined ? [] : [{ name, grants: compileGrants(table, `grants(): ${name}`) }];
  const forAnyone = compiled('anyone', anyone);
  const forUsers = compiled('users', users);
  const byRole = new Map(Object.entries(roles).map(([role, table]) => [role, compiled(`role ${role}`, table)]));

  const sources = (identity: Identity | undefined): readonly Source[] => {
    if (identity === undefined) return forAnyone;
    const ofRoles = identity.roles.flatMap((role) => byRole.get(role) ?? []);
    const own = fromTokens ? compiled('the token', identity.grants) : [];
    return [...own, ...ofRoles, ...forUsers, ...forAnyone];
  };

  return {
    name: 'grants',
    decide: ({ action, channel, identity }) => {
      const claims = claimsOf(identity);
      const isGranted = sources(identity).some((source) => source.grants.find(action, channel, claims) !== undefined);
      return isGranted ? ALLOW : undefined;
    },
    explain: (request) => explain(sources(request.identity), request),
  };
}

/** What `{name}` in a pattern stands for. */
export function claimsOf(identity: Identity | undefined): Claims {
  return identity === undefined ? NO_CLAIMS : { ...identity.claims, sub: identity.subject };
}

const NO_CLAIMS: Claims = {};

function explain(sources: readonly Source[], { action, channel, identity }: AccessRequest): readonly string[] {
  const claims = claimsOf(identity);
  const who = identity === undefined ? 'nobody in particular' : `subject "${identity.subject}"`;
  const lines = sources.map(({ name, grants: table }) => {
    const found = table.find(action, channel, claims);
    if (found !== undefined) return `${name} grants ${action} on "${found.text}", which ${channel} matches`;
    const patterns = table.patterns(action);
    if (patterns.length === 0) return `${name} grants no ${action}`;
    return `${name} grants ${action} on ${patterns.map((pattern) => shown(pattern, claims)).join(', ')}: ${channel} matches none`;
  });
  return lines.length > 0 ? lines : [`nothing is granted to ${who}`];
}

/** With what its claims stand for, as far as it has any. */
function shown({ text, claims: names }: GrantPattern, claims: Claims): string {
  const meant = names.map((name) => {
    const values = claimValues(claims, name);
    return `{${name}} is ${values.length === 0 ? 'absent' : values.map((value) => JSON.stringify(value)).join(' or ')}`;
  });
  return meant.length === 0 ? `"${text}"` : `"${text}" (${meant.join(', ')})`;
}
