/**
 * Tells a crash of the process from a crash of the machine. A commit survives kill -9, but the last ones may be lost
 * with the power (synchronous=NORMAL): offsets would be given twice, and a client's position would mean another event.
 * So the file says under which boot of the machine it is open; if it was never closed and the boot is another, the
 * history gets a new epoch.
 */
import { readFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { newEpoch } from '../history.ts';
import { atomically } from './atomically.ts';
import type { SqlDatabase } from './driver.ts';

/** Marks the file as open. Returns its epoch: the one it had, or a new one where history may have been lost. */
export function beginSession(database: SqlDatabase, epoch: string): string {
  const boot = bootId();
  const open = database.prepare("SELECT value FROM fanfare_meta WHERE name = 'open'").get()?.['value'];
  const current = open === undefined || open === boot ? epoch : newEpoch();
  const set = database.prepare('INSERT OR REPLACE INTO fanfare_meta VALUES (?, ?)');
  database.exec('PRAGMA synchronous = FULL');
  atomically(database, () => {
    set.run('open', boot);
    set.run('epoch', current);
  });
  database.exec('PRAGMA synchronous = NORMAL');
  return current;
}

/** Everything is in the file now. */
export function endSession(database: SqlDatabase): void {
  database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
  database.exec("DELETE FROM fanfare_meta WHERE name = 'open'");
  database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
}

/** Linux names every boot. Elsewhere the time of the boot does: a wrong guess costs clients a resync, never an event. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    const minutes = Math.round((Date.now() / 1000 - uptime()) / 60);
    return `${hostname()} ${minutes}`;
  }
}
