/** The API key of a server that was given none: made at the first start, kept in the data folder for its owner's eyes only. */
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolder } from '../../platform/make-folder.ts';
import { isApiKey } from '../api-key.ts';
import { StartError } from './start-error.ts';

export interface KeptKey {
  readonly key: string;
  readonly path: string;
  /** Made just now: to be shown once. */
  readonly isNew: boolean;
  /** Other accounts of the machine can read the file. */
  readonly isExposed: boolean;
}

/** Throws a StartError when the folder cannot be written or the file does not hold a key. */
export function keepApiKey(folder: string): KeptKey {
  const path = join(folder, 'api-key');
  ensureDataFolder(folder);
  const key = `ff_${randomBytes(24).toString('base64url')}`;
  try {
    // 'wx': of two processes that start at once, one makes the key and the other reads it.
    writeFileSync(path, `${key}\n`, { flag: 'wx', mode: 0o600 });
    return { key, path, isNew: true, isExposed: false };
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') {
      throw new StartError(
        `the data folder ${folder} cannot be written (${codeOf(error)}); choose another with --data or FANFARE_DATA`,
        {
          cause: error,
        },
      );
    }
  }
  return { key: readKey(path), path, isNew: false, isExposed: (statSync(path).mode & 0o077) !== 0 };
}

/** What a shell makes the key of, inside double quotes: it is in the command that is shown, kept and copied, and the key is not. */
export function readKeyCommand({ path }: Pick<KeptKey, 'path'>): string {
  return `$(cat ${/^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`})`;
}

/** Makes the folder, readable by its owner only. Throws a StartError when that is impossible. */
export function ensureDataFolder(folder: string): void {
  try {
    makeFolder(resolve(folder));
  } catch (error) {
    throw new StartError(
      `the data folder ${folder} cannot be made (${codeOf(error)}); choose another with --data or FANFARE_DATA`,
      {
        cause: error,
      },
    );
  }
}

function readKey(path: string): string {
  let key: string;
  try {
    key = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new StartError(`the API key file ${path} cannot be read (${codeOf(error)})`, { cause: error });
  }
  if (!isApiKey(key)) {
    throw new StartError(`the API key file ${path} does not hold a key; delete it and a new one is made`);
  }
  return key;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
