/** The access file of `fanfare serve`: channels, issuers, grants and keys, checked as a whole before anything starts. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { ApiKeys } from '../auth/api-keys.ts';
import { ChannelRegistry } from '../channels/channel-map.ts';
import { nearestName } from '../channels/options-check.ts';
import {
  type ApiKeyOptions,
  type Authenticate,
  type Authorize,
  askApplication,
  type ChannelDefinition,
  type ChannelMap,
  grants,
  type IssuerOptions,
  log,
  publicChannels,
  signal,
  state,
  tokens,
} from '../index.ts';
import {
  ACCESS_FILE,
  type AccessFile,
  type ApiKeyEntry,
  type ChannelEntry,
  type IssuerEntry,
  namesAt,
} from './access-schema.ts';

/** Options of `createFanfare`. */
export interface ServedAccess {
  readonly channels: ChannelMap;
  readonly authenticate?: Authenticate;
  readonly authorize: readonly Authorize[];
  readonly apiKeys: readonly ApiKeyOptions[];
  /** For who signs tokens with the same secrets. */
  readonly issuers: readonly IssuerOptions[];
}

/** `problems`: one line each, with the file and the field. */
export type AccessFileOutcome =
  | { readonly kind: 'read'; readonly access: ServedAccess }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

type Env = Readonly<Record<string, string | undefined>>;

const NOTHING: ServedAccess = { channels: {}, authorize: [], apiKeys: [], issuers: [] };

/** '': there is no file, and only the public channels are open. Never throws. */
export function readAccessFile(path: string, env: Env = process.env): AccessFileOutcome {
  if (path === '') return { kind: 'read', access: NOTHING };
  try {
    const parsed = ACCESS_FILE.safeParse(parse(readFileSync(path, 'utf8')) ?? {});
    if (!parsed.success) return invalid(parsed.error.issues.map((issue) => `${path}: ${describe(issue)}`));
    const problems: string[] = [];
    const access = accessOf(parsed.data, { env, problems });
    return problems.length === 0 ? { kind: 'read', access } : invalid(problems.map((problem) => `${path}: ${problem}`));
  } catch (error) {
    // No YAML, or no file.
    return invalid([`${path}: ${messageOf(error)}`]);
  }
}

/** A file is wrong before anything starts, or not at all: every part is made as the server would make it, and what each is refused with is a problem. */
function accessOf(
  file: AccessFile,
  { env, problems }: { readonly env: Env; readonly problems: string[] },
): ServedAccess {
  /** Nothing where it is refused. */
  const attempt = <T>(make: () => T): readonly T[] => {
    try {
      return [make()];
    } catch (error) {
      problems.push(messageOf(error));
      return [];
    }
  };
  const { ask, cookie } = file;
  const channels = Object.fromEntries(
    Object.entries(file.channels ?? {}).flatMap(([name, entry]) =>
      attempt(() => [name, definitionOf(name, entry)] as const),
    ),
  );
  attempt(() => new ChannelRegistry({ ...publicChannels(), ...channels }));
  const issuers = (file.issuers ?? []).flatMap((entry) => attempt(() => alone(issuerOf(entry, env))));
  const apiKeys = (file.apiKeys ?? []).flatMap((entry) => attempt(() => apiKeyOf(entry)));
  // Each is right; what is left is what several of them cannot have in common.
  const isRight = problems.length === 0;
  if (isRight) attempt(() => new ApiKeys(apiKeys));
  const authenticate =
    isRight && issuers.length > 0
      ? attempt(() => tokens({ issuers, ...(cookie === undefined ? {} : { cookie }) }))[0]
      : undefined;
  const granting = attempt(() => grants(file.grants));
  const asking = ask === undefined ? [] : attempt(() => askApplication({ ...ask, secret: secretOf('ask', ask, env) }));
  return {
    channels,
    ...(authenticate === undefined ? {} : { authenticate }),
    authorize: [...granting, ...asking],
    ...{ apiKeys, issuers },
  };
}

/** Throws where it would be refused without any other. */
function alone(issuer: IssuerOptions): IssuerOptions {
  tokens({ issuers: [issuer] });
  return issuer;
}

function apiKeyOf({ expires, ...key }: ApiKeyEntry): ApiKeyOptions {
  const made = { ...key, ...expiry(key.id, expires) };
  new ApiKeys([made]);
  return made;
}

function definitionOf(name: string, { kind, keep, minIntervalMs, ...common }: ChannelEntry): ChannelDefinition {
  if (keep !== undefined && kind !== 'log') throw new TypeError(`channels: ${name}: keep: only a log keeps events.`);
  if (minIntervalMs !== undefined && kind !== 'state') {
    throw new TypeError(`channels: ${name}: minIntervalMs: only a state has it.`);
  }
  if (kind === 'log') return log(keep === undefined ? common : { ...common, keep });
  if (kind === 'signal') return signal(common);
  return state(minIntervalMs === undefined ? common : { ...common, minIntervalMs });
}

function issuerOf(entry: IssuerEntry, env: Env): IssuerOptions {
  const { secret, secretEnv, secretFile, keys = [], keyFiles = [], ...rest } = entry;
  const hasSecret = secret ?? secretEnv ?? secretFile;
  const allKeys = [...keys, ...keyFiles.map((path) => textOf(path, `issuer ${entry.issuer}: keyFiles`))];
  return {
    ...rest,
    ...(hasSecret === undefined ? {} : { secret: secret ?? secretOf(`issuer ${entry.issuer}`, entry, env) }),
    ...(allKeys.length === 0 ? {} : { keys: allKeys }),
  };
}

function secretOf(
  owner: string,
  { secretEnv, secretFile }: { readonly secretEnv?: string | undefined; readonly secretFile?: string | undefined },
  env: Env,
): string {
  if (secretFile !== undefined) return textOf(secretFile, `${owner}: secretFile`).replace(/\r?\n$/, '');
  const value = secretEnv === undefined ? undefined : env[secretEnv];
  if (value !== undefined && value !== '') return value;
  throw new TypeError(
    `${owner}: expected its secret in ${secretEnv === undefined ? 'secretEnv or secretFile' : `the variable ${secretEnv}, which is not set`}.`,
  );
}

function textOf(path: string, owner: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new TypeError(`${owner}: ${messageOf(error)}`, { cause: error });
  }
}

/** Each is made to be read, in one line. */
function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
}

function expiry(id: string, expires: string | undefined): { readonly expiresAt?: number } {
  if (expires === undefined) return {};
  const expiresAt = Date.parse(expires);
  if (Number.isNaN(expiresAt)) throw new TypeError(`apiKeys: ${id}: expires: expected a date such as 2027-01-31.`);
  return { expiresAt };
}

/** Never with the value: it may be a secret. */
function describe(issue: z.core.$ZodIssue): string {
  const { path } = issue;
  const near = issue.code === 'unrecognized_keys' ? nearestName(issue.keys[0] ?? '', namesAt(path)) : undefined;
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  const words = issue.message.replace(/, received .*$/, '') + hint;
  return path.length === 0 ? words : `${path.join('.')}: ${words}`;
}

function invalid(problems: readonly string[]): AccessFileOutcome {
  return { kind: 'invalid', problems };
}
