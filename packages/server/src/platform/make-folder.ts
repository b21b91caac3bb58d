/** Makes a folder and those above it, one by one. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Folders that it makes are for their owner only. `folder`: absolute. Throws what the system says.
 * Not `recursive: true`: Node never comes back from it where the parent is there and takes no folders, as /proc does.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Of two processes that start at once the other may have made it.
    if (!isFolder(folder)) throw error;
  }
}

/** Below a file, `statSync` throws on Node 20 and finds nothing on Node 22: asked this way the answer is one. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
