/** What became of what was sent, per type and day. Counted a day at a time, with room for others in between: whoever sends does not wait for statistics. */
import { type Analytics, type Fate, NOTE_TYPES, type NoteType } from '@fanfare-systems/inbox/rules';
import { lastDays } from './days.ts';
import type { AnalyticsRange } from './requests.ts';
import { type AnalyticsStore, type Counts, NO_COUNTS, type Span } from './store/analytics-store.ts';

/** Of one type in one span. */
class Tally {
  counts: Counts = NO_COUNTS;
  readonly took: number[] = [];

  /** Takes in what another counted. */
  add({ counts, took }: Tally): void {
    this.counts = {
      sent: this.counts.sent + counts.sent,
      delivered_live: this.counts.delivered_live + counts.delivered_live,
      delivered_on_reconnect: this.counts.delivered_on_reconnect + counts.delivered_on_reconnect,
      read: this.counts.read + counts.read,
    };
    for (const ms of took) this.took.push(ms);
  }

  get fate(): Fate {
    return { ...this.counts, median_seconds_to_read: median(this.took) };
  }
}

/** `now`: wall clock, milliseconds. */
export async function analyticsOf(
  store: AnalyticsStore,
  { days, timeZone }: AnalyticsRange,
  now: number,
): Promise<Analytics> {
  const list = lastDays(days, timeZone, now);
  const whole = new Map(NOTE_TYPES.map((type) => [type, new Tally()]));
  const byDay = [];
  for (const day of list) {
    await new Promise((resolve) => setImmediate(resolve));
    for (const [type, tally] of talliesOf(store, day)) {
      whole.get(type)?.add(tally);
      byDay.push({ day: day.day, type, ...tally.fate });
    }
  }
  return {
    from: list[0]?.day ?? '',
    to: list.at(-1)?.day ?? '',
    time_zone: timeZone,
    totals: sumOf(whole.values()),
    by_type: [...whole].map(([type, tally]) => ({ type, ...tally.fate })),
    by_day: byDay,
  };
}

/** Everything in the span, of all types. */
export function totalsOf(store: AnalyticsStore, span: Span): Fate {
  return sumOf(talliesOf(store, span).values());
}

/** Every type, also one of which nothing was sent. */
function talliesOf(store: AnalyticsStore, span: Span): ReadonlyMap<NoteType, Tally> {
  const counts = store.byType(span);
  const tallies = new Map(NOTE_TYPES.map((type) => [type, new Tally()]));
  for (const [type, tally] of tallies) tally.counts = counts.get(type) ?? NO_COUNTS;
  for (const { type, took } of store.readings(span)) tallies.get(type)?.took.push(took);
  return tallies;
}

function sumOf(tallies: Iterable<Tally>): Fate {
  const sum = new Tally();
  for (const tally of tallies) sum.add(tally);
  return sum.fate;
}

/** In seconds; of an even number the middle between the two in the middle. */
function median(milliseconds: readonly number[]): number | null {
  const sorted = Float64Array.from(milliseconds).sort();
  const [lower, upper] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return lower === undefined || upper === undefined ? null : Math.round((lower + upper) / 2) / 1000;
}
