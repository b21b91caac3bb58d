/** Is it quiet for this user now? By the clock on the user's own wall, whatever that zone does in spring and autumn. */
import type { Note } from './note.ts';
import type { Preferences, QuietHours } from './preferences.ts';

/** How a page tells of a new notification. Whatever it is, the list and the badge have it. */
export type Telling = 'nothing' | 'toast' | 'toast-with-sound';

const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;
const DAY_MINUTES = 24 * 60;
/** A formatter costs more than everything else here: one per zone, as a page and a server know few. */
const clocks = new Map<string, Intl.DateTimeFormat>();
const CLOCKS_KEPT = 100;

/** A zone that nobody knows: nothing is quiet. `at`: milliseconds since the epoch. */
export function isQuiet({ on, from, to, time_zone }: QuietHours, at: number): boolean {
  if (!on) return false;
  const now = minuteOfDay(at, time_zone);
  const [start, end] = [minutesOf(from), minutesOf(to)];
  if (now === undefined || start === undefined || end === undefined) return false;
  if (start === end) return true;
  return start < end ? now >= start && now < end : now >= start || now < end;
}

export function tellingOf({ type }: Pick<Note, 'type'>, preferences: Preferences, at: number): Telling {
  const { on, sound } = preferences.types[type];
  if (!on || isQuiet(preferences.quiet_hours, at)) return 'nothing';
  return sound ? 'toast-with-sound' : 'toast';
}

export function isTimeOfDay(text: string): boolean {
  return TIME.test(text);
}

export function isTimeZone(name: string): boolean {
  return clockOf(name) !== undefined;
}

function minuteOfDay(at: number, timeZone: string): number | undefined {
  return minutesOf(clockOf(timeZone)?.format(at) ?? '');
}

function minutesOf(text: string): number | undefined {
  const [, hours, minutes] = TIME.exec(text) ?? [];
  return hours === undefined ? undefined : (Number(hours) * 60 + Number(minutes)) % DAY_MINUTES;
}

function clockOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  try {
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    if (clocks.size >= CLOCKS_KEPT) clocks.clear();
    clocks.set(timeZone, clock);
    return clock;
  } catch {
    return undefined; // RangeError: no such zone.
  }
}
