/** What a build was made of, as one word: who built it notes the word, and does nothing as long as it stays the same. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspace = dirname(dirname(fileURLToPath(import.meta.url)));

/** One hash over the paths and bytes of every file under the given paths, relative to the workspace; generated folders are left out. */
export function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of filesUnder(join(workspace, path))) {
      hash
        .update(`${relative(workspace, file)}\0`)
        .update(readFileSync(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

/** All of the files are there, and were built from what the stamp says. */
export function isCurrent(files, stamp, sources) {
  return [...files, stamp].every((file) => existsSync(file)) && readFileSync(stamp, 'utf8') === sources;
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  const entries = listFolder(path);
  if (entries === undefined) return [path];
  return entries
    .filter((entry) => entry.name !== 'dist' && entry.name !== 'node_modules')
    .flatMap((entry) => filesUnder(join(path, entry.name)));
}

/** The entries of a folder in a stable order; undefined for a file. */
function listFolder(path) {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}
