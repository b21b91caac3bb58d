/** Monotonic time that goes on while the machine sleeps. */

/** Clocks that differ by less were set, not asleep. */
const SLEEP_MS = 1000;

/**
 * On some systems the monotonic clock stands still while the machine sleeps: then the wall clock tells how long it was. A wall clock
 * that is set back changes nothing; one that is set forward by more than a second counts as sleep, after which all is looked at anew.
 */
export function sleeplessClock(monotonic: () => number, wallTime: () => number): () => number {
  let now = 0;
  let mono = monotonic();
  let wall = wallTime();
  return () => {
    const [lastMono, lastWall] = [mono, wall];
    mono = monotonic();
    wall = wallTime();
    const slept = wall - lastWall - (mono - lastMono);
    now += mono - lastMono + (slept > SLEEP_MS ? slept : 0);
    return now;
  };
}
