/** The thread of checkpointer.ts: moves what the log of SQLite holds into the file each time it is told to. */
import { parentPort, workerData } from 'node:worker_threads';
import { openSql, type SqlDatabase } from './driver.ts';
import { integer } from './event-row.ts';

/** `begin-anew` is done without where somebody else reads the log for longer: publishers wait meanwhile. */
const BUSY_TIMEOUT_MS = 50;

/**
 * `move`: all that is in the log, and whoever writes goes on. `begin-anew`: what is left, and whoever writes next begins the log
 * anew; nobody can write meanwhile. `end`: lets go of the file.
 */
export type CheckpointOrder = 'move' | 'begin-anew' | 'end';

/** `pages`: how long the log was. `whole`: nobody was in the way. undefined: it failed. */
export type CheckpointAnswer = { readonly pages: number; readonly whole: boolean } | undefined;

if (parentPort !== null) {
  const port = parentPort;
  const database = openSql(String(workerData), { busyTimeoutMs: BUSY_TIMEOUT_MS });
  // As the engine has it: the log reaches the disk before the file does, and the file before the log begins anew.
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0');
  port.on('message', (order: CheckpointOrder) => {
    if (order === 'end') {
      database.close();
      port.close();
    } else port.postMessage(checkpoint(database, order));
  });
}

function checkpoint(database: SqlDatabase, order: 'move' | 'begin-anew'): CheckpointAnswer {
  try {
    const [row] = database.prepare(`PRAGMA wal_checkpoint(${order === 'move' ? 'PASSIVE' : 'RESTART'})`).all();
    return { pages: integer(row, 'log'), whole: integer(row, 'busy') === 0 };
  } catch {
    // A full disk, or a damaged file: the engine meets it in its own commits, and says so.
    return undefined;
  }
}
