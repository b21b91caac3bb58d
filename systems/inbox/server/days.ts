/** Days as the people of a time zone count them: from midnight to midnight, be it 23, 24 or 25 hours. */

export interface Day {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** Milliseconds since the epoch; `to` belongs to the next day. */
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 24 * 3600 * 1000;

/** The last `count` days, oldest first; the last one holds `now`. Throws a RangeError for a zone that does not exist. */
export function lastDays(count: number, timeZone: string, now: number): readonly Day[] {
  const clock = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  // The wall's date and time as if it were UTC: days are then a plain sum.
  const today = Math.floor(wallTime(clock, now) / DAY_MS);
  const starts = Array.from({ length: count + 1 }, (_, index) => {
    return startOf(clock, (today - count + 1 + index) * DAY_MS);
  });
  return Array.from({ length: count }, (_, index) => ({
    day: new Date((today - count + 1 + index) * DAY_MS).toISOString().slice(0, 10),
    from: starts[index] ?? 0,
    to: starts[index + 1] ?? 0,
  }));
}

/** When the wall shows this midnight. Where the clock jumps over it: when the day begins. */
function startOf(clock: Intl.DateTimeFormat, midnight: number): number {
  const guess = midnight - (wallTime(clock, midnight) - midnight);
  return guess + (midnight - wallTime(clock, guess));
}

function wallTime(clock: Intl.DateTimeFormat, at: number): number {
  const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const of = (type: string): number => parts.get(type as Intl.DateTimeFormatPartTypes) ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}
