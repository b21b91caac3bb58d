/** The answer of the analytics path: what became of what was sent, per type and day. */
import type { Analytics } from '@fanfare-systems/inbox/rules';
import { lastDays } from './days.ts';
import type { AnalyticsRange } from './requests.ts';
import type { AnalyticsStore } from './store/analytics-store.ts';

/** `now`: wall clock, milliseconds. */
export function analyticsOf(store: AnalyticsStore, { days, timeZone }: AnalyticsRange, now: number): Analytics {
  const list = lastDays(days, timeZone, now);
  const [first, last] = [list[0], list.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('a range of no days');
  const whole = { from: first.from, to: last.to };
  return {
    from: first.day,
    to: last.day,
    time_zone: timeZone,
    totals: store.totals(whole),
    by_type: store.byType(whole),
    by_day: list.flatMap((day) => store.byType(day).map((fate) => ({ day: day.day, ...fate }))),
  };
}
