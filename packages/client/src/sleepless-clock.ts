/** Monotonic time that goes on while the machine sleeps. */

/** Clocks that differ by less were set, not asleep. */
const SLEEP_MS = 1000;

/**
 * On some systems the monotonic clock stands still while the machine sleeps: then the wall clock tells how long it was. A wall clock
 * that is set back changes nothing; one that is set forward by more than a second counts as sleep, after which all is looked at anew.
 */
export function sleeplessClock(monotonic: () => number, wallTime: () => number): () => number {
  let offset = -monotonic();
  let lead = wallTime() - monotonic();
  return () => {
    const now = monotonic();
    const gained = wallTime() - now - lead;
    lead += gained;
    if (gained > SLEEP_MS) offset += gained;
    return now + offset;
  };
}
