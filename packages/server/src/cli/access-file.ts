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
import { ACCESS_FILE, type AccessFile, type ChannelEntry, type IssuerEntry, namesAt } from './access-schema.ts';

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
    return { kind: 'read', access: checked(accessOf(parsed.data, env)) };
  } catch (error) {
    // What the options of an application are refused with, or no YAML, or no file: each a message made to be read.
    const message = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    return invalid([`${path}: ${message}`]);
  }
}

function accessOf(file: AccessFile, env: Env): ServedAccess {
  const issuers = (file.issuers ?? []).map((entry) => issuerOf(entry, env));
  const { ask, cookie } = file;
  const asking = ask === undefined ? [] : [askApplication({ ...ask, secret: secretOf('ask', ask, env) })];
  return {
    channels: Object.fromEntries(
      Object.entries(file.channels ?? {}).map(([name, entry]) => [name, definitionOf(name, entry)]),
    ),
    ...(issuers.length === 0 ? {} : { authenticate: tokens({ issuers, ...(cookie === undefined ? {} : { cookie }) }) }),
    authorize: [grants(file.grants), ...asking],
    apiKeys: (file.apiKeys ?? []).map(({ expires, ...key }) => ({ ...key, ...expiry(key.id, expires) })),
    issuers,
  };
}

/** Throws a TypeError for what the server would refuse: a file is wrong before anything starts, or not at all. */
function checked(access: ServedAccess): ServedAccess {
  new ChannelRegistry({ ...publicChannels(), ...access.channels });
  new ApiKeys(access.apiKeys);
  return access;
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
  const allKeys = [...keys, ...keyFiles.map((path) => readFileSync(path, 'utf8'))];
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
  if (secretFile !== undefined) return readFileSync(secretFile, 'utf8').replace(/\r?\n$/, '');
  const value = secretEnv === undefined ? undefined : env[secretEnv];
  if (value !== undefined && value !== '') return value;
  throw new TypeError(
    `${owner}: expected its secret in ${secretEnv === undefined ? 'secretEnv or secretFile' : `the variable ${secretEnv}, which is not set`}.`,
  );
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
