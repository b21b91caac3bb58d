/** Arguments of a command, read strictly, and the configuration that it shares with `fanfare serve`. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { loadConfig } from '../http/serve/config/load-config.ts';
import { readAccessFile, type ServedAccess } from './access-file.ts';

export type Flags = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** What ends a command with one line. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** Throws CommandFailed for a flag that nobody knows. */
export function readFlags(argv: readonly string[], options: NonNullable<ParseArgsConfig['options']>): Flags {
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    throw new CommandFailed(error instanceof Error ? (error.message.split('. ', 1)[0] ?? '') : String(error));
  }
}

export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

export function listFlag(flags: Flags, name: string): readonly string[] {
  const value = flags[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** The access file that `--access`, FANFARE_ACCESS or fanfare.yaml names. Throws CommandFailed on what is wrong with it. */
export function configuredAccess(flags: Flags): ServedAccess {
  const named = textFlag(flags, 'access');
  const outcome = loadConfig(named === undefined ? {} : { argv: ['--access', named] });
  if (outcome.kind === 'invalid') throw new CommandFailed(outcome.problems.join('\n'));
  const read = readAccessFile(outcome.config.access);
  if (read.kind === 'invalid') throw new CommandFailed(read.problems.join('\n'));
  return read.access;
}
