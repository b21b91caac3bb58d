/** From the claims of a verified token to an identity. What cannot be read is refused: no claim is guessed, none is left out. */
import type { JWTPayload } from 'jose';
import { KEY_SUBJECT } from '../api-keys.ts';
import { type GrantTable, readGrantTable } from '../grant-table.ts';
import type { Identity } from '../identity.ts';
import type { Issuer } from './issuer.ts';

export type ClaimsResult =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly why: string };

/** Subjects end in lists, logs and answers. */
const SUBJECT = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,256}$/u;
const MAX_ROLES = 256;

/** `now`: wall clock, milliseconds. */
export function readClaims(payload: JWTPayload, issuer: Issuer, now: number): ClaimsResult {
  const { sub, jti, iat, exp } = payload;
  const { claims: names, subjectPrefix, clockToleranceMs } = issuer;
  const claims: Readonly<Record<string, unknown>> = payload;
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) return refused('sub: expected a text of 1 to 256 characters');
  if ((subjectPrefix + sub).startsWith(KEY_SUBJECT)) return refused(`sub: ${KEY_SUBJECT}... are the API keys`);
  if (!isTime(exp)) return refused('exp: expected seconds since 1970');
  if (iat !== undefined && !isTime(iat)) return refused('iat: expected seconds since 1970');
  if (iat !== undefined && iat * 1000 > now + clockToleranceMs) return refused('iat: it is in the future');
  if (jti !== undefined && (typeof jti !== 'string' || jti === '')) return refused('jti: expected a text');
  const roles = readRoles(claims[names.roles]);
  if (roles === undefined) return refused(`${names.roles}: expected a list of texts`);
  const grants = readGrants(claims[names.grants]);
  if (typeof grants === 'string') return refused(`${names.grants}: ${grants}`);
  const name = claims[names.name];
  return {
    ok: true,
    identity: {
      subject: subjectPrefix + sub,
      roles,
      expiresAt: exp * 1000,
      claims,
      ...(iat === undefined ? {} : { issuedAt: iat * 1000 }),
      ...(jti === undefined ? {} : { tokenId: jti }),
      ...(typeof name === 'string' ? { name } : {}),
      ...(grants === undefined ? {} : { grants }),
    },
  };
}

function readRoles(value: unknown): readonly string[] | undefined {
  if (value === undefined) return [];
  const isList = Array.isArray(value) && value.length <= MAX_ROLES && value.every((role) => typeof role === 'string');
  return isList ? value : undefined;
}

/** A table, nothing, or what is wrong with it. */
function readGrants(value: unknown): GrantTable | undefined | string {
  if (value === undefined) return undefined;
  const read = readGrantTable(value);
  return read.ok ? (value as GrantTable) : read.problem;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function refused(why: string): ClaimsResult {
  return { ok: false, why };
}
