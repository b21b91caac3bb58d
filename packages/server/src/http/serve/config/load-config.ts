/** Puts a server's configuration together: flag over environment over fanfare.yaml over default, each value checked where it came from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeValue } from '@fanfare/protocol';
import { type ConfigFile, type FileEntry, readConfigFile } from './config-file.ts';
import { SETTINGS, type ServerConfig, type Setting, type SettingName } from './server-config.ts';

export interface ConfigSources {
  /** Arguments after the command, such as `['--port', '8080']`. @default none */
  readonly argv?: readonly string[];
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where fanfare.yaml is looked for when neither --config nor FANFARE_CONFIG names a file. @default the working directory */
  readonly folder?: string;
}

/**
 * `warnings`: settings nobody knows, one line each. `problems`: one line each, with source, setting, expected and got. `exitCode`: for a
 * process that ends with them, 2 where the command line cannot be read.
 */
export type ConfigOutcome =
  | { readonly kind: 'valid'; readonly config: ServerConfig; readonly warnings: readonly string[] }
  | {
      readonly kind: 'invalid';
      readonly problems: readonly string[];
      readonly warnings: readonly string[];
      readonly exitCode: 1 | 2;
    };

/** A value that somebody gave, and where. */
interface Given {
  readonly source: string;
  readonly value: unknown;
}

type Flags = Readonly<Record<string, string | boolean | undefined>>;
type Env = Readonly<Record<string, string | undefined>>;

const NAMES = Object.keys(SETTINGS).filter(isSettingName);
const FILE_NAME = 'fanfare.yaml';
/** A variable that names the file with a secret, as Docker and Kubernetes mount one: `FANFARE_API_KEY_FILE`. */
const fileVariable = (variable: string): string => `${variable}_FILE`;
const KNOWN_ENV = new Set([
  ...NAMES.flatMap((name) => SETTINGS[name].env),
  ...NAMES.filter((name) => SETTINGS[name].isSecret).flatMap((name) => SETTINGS[name].env.map(fileVariable)),
  'FANFARE_CONFIG',
  // Of publishers, which are told to set it in a terminal where the server may be started next.
  'FANFARE_URL',
]);

export function loadConfig(sources: ConfigSources = {}): ConfigOutcome {
  const problems: string[] = [];
  const env = sources.env ?? process.env;
  const flags = readFlags(sources.argv ?? [], problems);
  const exitCode = problems.length === 0 ? 1 : 2;
  const entries = readEntries({ flags, env, folder: sources.folder ?? '.' }, problems);
  const setting = <N extends SettingName>(name: N): ServerConfig[N] =>
    check(name, SETTINGS[name], { given: given(name, { flags, env, entries, problems }), problems });
  const config: ServerConfig = {
    port: setting('port'),
    host: setting('host'),
    data: setting('data'),
    engine: setting('engine'),
    apiKey: setting('apiKey'),
    access: setting('access'),
    allowedOrigins: setting('allowedOrigins'),
    publicOrigins: setting('publicOrigins'),
    trustProxy: setting('trustProxy'),
    logLevel: setting('logLevel'),
    logRequests: setting('logRequests'),
    heartbeatMs: setting('heartbeatMs'),
    limits: setting('limits'),
    openMetrics: setting('openMetrics'),
    transports: setting('transports'),
    warmUp: setting('warmUp'),
  };
  const warnings = unknownSettings(env, entries);
  return problems.length === 0
    ? { kind: 'valid', config, warnings }
    : { kind: 'invalid', problems, warnings, exitCode };
}

/** The strongest source that says anything. An empty variable says nothing: that is how Compose files leave one out. */
function given(
  name: SettingName,
  from: {
    readonly flags: Flags;
    readonly env: Env;
    readonly entries: readonly FileEntry[];
    readonly problems: string[];
  },
): Given | undefined {
  const { flag, env, kind, isSecret = false } = SETTINGS[name];
  const fromFile = isSecret ? secretFromFile(name, from) : undefined;
  const flagged = from.flags[flag];
  if (flagged !== undefined) {
    return { source: `--${flag}`, value: fromText(kind, flagged) };
  }
  for (const variable of env) {
    const value = from.env[variable];
    if (value !== undefined && value !== '') {
      return { source: variable, value: fromText(kind, value) };
    }
  }
  if (fromFile !== undefined) return fromFile;
  const entry = from.entries.find((candidate) => candidate.name === name);
  return entry === undefined ? undefined : { source: entry.source, value: entry.value };
}

/** What is in the file that a `_FILE` variable names; a problem where both are set, or it cannot be read. */
function secretFromFile(
  name: SettingName,
  { env, problems }: { readonly env: Env; readonly problems: string[] },
): Given | undefined {
  const variable = SETTINGS[name].env.find((candidate) => (env[fileVariable(candidate)] ?? '') !== '');
  if (variable === undefined) return undefined;
  const source = fileVariable(variable);
  if ((env[variable] ?? '') !== '') {
    problems.push(`${source}: ${name}: expected either ${variable} or ${source}, got both`);
    return undefined;
  }
  try {
    return { source, value: readFileSync(env[source] ?? '', 'utf8').replace(/\r?\n$/, '') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'something else';
    problems.push(`${source}: ${name}: expected a readable file, got ${code}`);
    return undefined;
  }
}

function check<T>(
  name: SettingName,
  setting: Setting<T>,
  found: { readonly given: Given | undefined; readonly problems: string[] },
): T {
  if (found.given === undefined) {
    return setting.fallback;
  }
  const { source, value } = found.given;
  const parsed = setting.schema.safeParse(value);
  if (parsed.success) {
    return parsed.data;
  }
  const isHidden = typeof setting.isSecret === 'function' ? setting.isSecret(value) : setting.isSecret === true;
  const got = isHidden ? 'something else' : describeGiven(value);
  found.problems.push(`${source}: ${name}: expected ${setting.expected}, got ${got}`);
  return setting.fallback;
}

/** Flags and variables are text; what does not read as its kind stays text, for the check to refuse. */
function fromText(kind: Setting<unknown>['kind'], text: string | boolean): unknown {
  if (typeof text === 'boolean' || kind === 'text') {
    return text;
  }
  if (kind === 'number-or-list' && /^\d+$/.test(text)) return fromText('number', text);
  if (kind === 'list' || kind === 'number-or-list') {
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
  if (kind === 'numbers') return numbersFrom(text);
  if (kind === 'number') {
    return /^\d{1,9}$/.test(text) ? Number(text) : text;
  }
  const words: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };
  return Object.hasOwn(words, text) ? words[text] : text;
}

/** `a=1,b=2`; what is no number stays text, for the check to refuse. */
function numbersFrom(text: string): unknown {
  const pairs = text.split(',').map((pair) => pair.split('='));
  if (pairs.some((pair) => pair.length !== 2)) return text;
  return Object.fromEntries(
    pairs.map(([name = '', value = '']) => [
      name.trim(),
      /^\s*\d{1,15}(\.\d{1,6})?\s*$/.test(value) ? Number(value) : value,
    ]),
  );
}

function readFlags(argv: readonly string[], problems: string[]): Flags {
  const options: Record<string, { type: 'string' | 'boolean' }> = {
    config: { type: 'string' },
    'check-config': { type: 'boolean' },
    help: { type: 'boolean' },
  };
  for (const name of NAMES) {
    options[SETTINGS[name].flag] = { type: SETTINGS[name].kind === 'switch' ? 'boolean' : 'string' };
  }
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowNegative: true }).values as Flags;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    problems.push(`command line: ${message.split('. ', 1)[0]}; fanfare serve --help lists the flags`);
    return {};
  }
}

function readEntries(
  from: { readonly flags: Flags; readonly env: Env; readonly folder: string },
  problems: string[],
): readonly FileEntry[] {
  const named = from.flags['config'] ?? (from.env['FANFARE_CONFIG'] || undefined);
  const file: ConfigFile = readConfigFile(typeof named === 'string' ? named : join(from.folder, FILE_NAME));
  if (file.kind === 'read') {
    return file.entries;
  }
  if (file.kind === 'unreadable') {
    problems.push(...file.problems);
  } else if (named !== undefined) {
    problems.push(
      `${from.flags['config'] === undefined ? 'FANFARE_CONFIG' : '--config'}: expected a file, got ${named}, which does not exist`,
    );
  }
  return [];
}

function unknownSettings(env: Env, entries: readonly FileEntry[]): readonly string[] {
  const variables = Object.keys(env).filter((name) => name.startsWith('FANFARE_') && !KNOWN_ENV.has(name));
  const keys = entries.filter((entry) => !isSettingName(entry.name));
  return [
    ...variables.sort().map((name) => `${name}: no such setting`),
    ...keys.map(({ source, name }) => `${source}: ${name}: no such setting; there are ${NAMES.join(', ')}`),
  ];
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

function describeGiven(value: unknown): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value)
      .map(([name, one]) => `${name}=${describeValue(one)}`)
      .join(', ');
  }
  return Array.isArray(value) ? value.map(describeValue).join(', ') || 'an empty list' : describeValue(value);
}
