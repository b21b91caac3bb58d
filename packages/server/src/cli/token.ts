/** `fanfare token`: makes a token or a key, and tells what a token is worth. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAction } from '../auth/action.ts';
import { hashApiKey } from '../auth/api-keys.ts';
import { compileGrants, type GrantTable } from '../auth/grant-table.ts';
import { signToken } from '../auth/tokens/sign-token.ts';
import { type IssuerOptions, tokens } from '../index.ts';
import { CommandFailed, configuredAccess, type Flags, listFlag, readFlags, textFlag } from './arguments.ts';

export const TOKEN_FLAGS = {
  access: { type: 'string' },
  sub: { type: 'string' },
  issuer: { type: 'string' },
  audience: { type: 'string' },
  expires: { type: 'string' },
  id: { type: 'string' },
  name: { type: 'string' },
  role: { type: 'string', multiple: true },
  grant: { type: 'string', multiple: true },
  claim: { type: 'string', multiple: true },
  key: { type: 'string' },
  kid: { type: 'string' },
  explain: { type: 'string' },
  'api-key': { type: 'boolean' },
} as const;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Exit code 0; throws CommandFailed. The token is all that goes to stdout. */
export async function token(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, TOKEN_FLAGS);
  const explained = textFlag(flags, 'explain');
  if (explained !== undefined) return explainToken(explained, flags);
  if (flags['api-key'] === true) return makeApiKey(flags);
  console.log(await makeToken(flags));
  return 0;
}

async function makeToken(flags: Flags): Promise<string> {
  const issuer = issuerOf(flags);
  const sub = textFlag(flags, 'sub');
  if (sub === undefined)
    throw new CommandFailed('--sub: expected the subject of the token; fanfare token --help lists the flags');
  const now = Math.floor(Date.now() / 1000);
  const names = { roles: 'roles', name: 'name', grants: 'fanfare', ...issuer.claims };
  const [roles, granted, name] = [listFlag(flags, 'role'), grantsOf(flags), textFlag(flags, 'name')];
  const claims = {
    ...claimsOf(flags),
    iss: issuer.issuer,
    aud:
      textFlag(flags, 'audience') ?? (typeof issuer.audience === 'string' ? issuer.audience : issuer.audience[0]) ?? '',
    sub,
    iat: now,
    exp: now + secondsOf(textFlag(flags, 'expires') ?? '1h'),
    jti: textFlag(flags, 'id') ?? randomUUID(),
    ...(roles.length === 0 ? {} : { [names.roles]: roles }),
    ...(name === undefined ? {} : { [names.name]: name }),
    ...(Object.keys(granted).length === 0 ? {} : { [names.grants]: granted }),
  };
  const kid = textFlag(flags, 'kid');
  return signToken({ claims, key: keyOf(issuer, flags), ...(kid === undefined ? {} : { kid }) });
}

function issuerOf(flags: Flags): IssuerOptions {
  const { issuers } = configuredAccess(flags);
  const named = textFlag(flags, 'issuer');
  const found =
    named === undefined && issuers.length === 1 ? issuers[0] : issuers.find(({ issuer }) => issuer === named);
  if (found !== undefined) return found;
  if (issuers.length === 0)
    throw new CommandFailed('There is no issuer: name a file that has one with --access FILE or FANFARE_ACCESS.');
  throw new CommandFailed(`--issuer: expected one of ${issuers.map(({ issuer }) => issuer).join(', ')}`);
}

function keyOf(issuer: IssuerOptions, flags: Flags): string | Uint8Array {
  const path = textFlag(flags, 'key');
  if (path !== undefined) return readFileSync(path, 'utf8');
  const { secret } = issuer;
  const first = typeof secret === 'string' || secret instanceof Uint8Array ? secret : secret?.[0];
  if (first !== undefined) return first;
  throw new CommandFailed(
    `--key: expected the file with the private key of ${issuer.issuer}: the server has only the public one`,
  );
}

function claimsOf(flags: Flags): Record<string, unknown> {
  const claims: Record<string, unknown> = {};
  for (const pair of listFlag(flags, 'claim')) {
    const split = pair.indexOf('=');
    if (split < 1) throw new CommandFailed(`--claim: expected NAME=VALUE, got ${JSON.stringify(pair)}`);
    claims[pair.slice(0, split)] = claimValue(pair.slice(split + 1));
  }
  return claims;
}

/** JSON where it is JSON, else a text. */
function claimValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `--grant subscribe=court:*,inbox:{sub}` */
function grantsOf(flags: Flags): GrantTable {
  const table: Record<string, string[]> = {};
  for (const pair of listFlag(flags, 'grant')) {
    const [action = '', patterns = ''] = pair.split('=');
    if (!isAction(action) || patterns === '') {
      throw new CommandFailed(
        `--grant: expected ACTION=PATTERN,PATTERN, such as subscribe=court:*, got ${JSON.stringify(pair)}`,
      );
    }
    table[action] = [...(table[action] ?? []), ...patterns.split(',')];
  }
  try {
    compileGrants(table, '--grant');
  } catch (error) {
    throw new CommandFailed(error instanceof Error ? error.message : String(error));
  }
  return table;
}

function secondsOf(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (seconds > 0) return seconds;
  throw new CommandFailed(`--expires: expected a time such as 90s, 30m, 1h or 7d, got ${JSON.stringify(text)}`);
}

function makeApiKey(flags: Flags): number {
  const id = textFlag(flags, 'id');
  if (id === undefined || !/^[\w-]{1,64}$/.test(id))
    throw new CommandFailed('--id: expected a name for the key: 1 to 64 of A-Z a-z 0-9 _ -');
  const key = `ff_${randomBytes(32).toString('base64url')}`;
  console.error('The key, which is shown once and kept nowhere:\n');
  console.log(key);
  const entry = { id, hash: hashApiKey(key), grants: grantsOf(flags) };
  console.error(`\nIts entry in the access file, below apiKeys:\n\n  - ${JSON.stringify(entry)}`);
  return 0;
}

/** What is in a token, and what the server thinks of it. Exit code 1 where it refuses it. */
async function explainToken(text: string, flags: Flags): Promise<number> {
  for (const [name, part] of [
    ['header', 0],
    ['claims', 1],
  ] as const) {
    console.log(`${name.padEnd(9)}${decoded(text.split('.')[part] ?? '')}`);
  }
  const { issuers } = configuredAccess(flags);
  if (issuers.length === 0) {
    console.log('verdict  not looked at: there is no issuer; name a file that has one with --access FILE');
    return 1;
  }
  const verdict = await tokens({ issuers }).verdictOn(text);
  if (verdict.kind === 'refused') {
    console.log(`verdict  refused, ${verdict.code}: ${verdict.why}`);
    return 1;
  }
  const { subject, expiresAt = 0, roles } = verdict.identity;
  const minutes = Math.round((expiresAt - Date.now()) / 60_000);
  console.log(
    `verdict  valid: subject "${subject}"${roles.length > 0 ? `, roles ${roles.join(', ')}` : ''}, for another ${minutes} min`,
  );
  return 0;
}

function decoded(part: string): string {
  try {
    return JSON.stringify(JSON.parse(Buffer.from(part, 'base64url').toString()));
  } catch {
    return 'not JSON in base64url: this is no JWT';
  }
}
