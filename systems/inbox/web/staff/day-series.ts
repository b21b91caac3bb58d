/** Analytics as series over days, for stacked bars. Pure. */
import { type Analytics, type FateOfDay, NOTE_TYPES, type NoteType } from '@fanfare-systems/inbox/rules';

export interface BarSeries {
  readonly label: string;
  /** A colour of the tokens: the name of a custom property. */
  readonly colour: string;
  /** One per day. */
  readonly values: readonly number[];
}

export interface DaySeries {
  /** Noon of each day, seconds since the epoch, as if the day were one of UTC: a label, not a moment. */
  readonly days: readonly number[];
  /** From the bottom up. */
  readonly stack: readonly BarSeries[];
}

const COLOURS: Readonly<Record<NoteType, string>> = {
  info: '--muted',
  success: '--live',
  warning: '--polling',
  error: '--offline',
};

export function sentByType(analytics: Analytics, names: Readonly<Record<NoteType, string>>): DaySeries {
  const byDay = groups(analytics.by_day);
  const stack = NOTE_TYPES.map((type) => ({
    label: names[type],
    colour: COLOURS[type],
    values: byDay.map(([, fates]) => fates.find((fate) => fate.type === type)?.sent ?? 0),
  }));
  return { days: noons(byDay), stack };
}

export function deliveryOf(
  analytics: Analytics,
  names: { readonly live: string; readonly onReturn: string; readonly notYet: string },
): DaySeries {
  const byDay = groups(analytics.by_day);
  const sums = byDay.map(([, fates]) => {
    const sum = (of: (fate: FateOfDay) => number): number => fates.reduce((total, fate) => total + of(fate), 0);
    const live = sum((fate) => fate.delivered_live);
    const onReturn = sum((fate) => fate.delivered_on_reconnect);
    return { live, onReturn, notYet: sum((fate) => fate.sent) - live - onReturn };
  });
  const stack = [
    { label: names.live, colour: '--live', values: sums.map(({ live }) => live) },
    { label: names.onReturn, colour: '--accent', values: sums.map(({ onReturn }) => onReturn) },
    { label: names.notYet, colour: '--line-strong', values: sums.map(({ notYet }) => notYet) },
  ];
  return { days: noons(byDay), stack };
}

type Group = readonly [day: string, fates: readonly FateOfDay[]];

function groups(fates: readonly FateOfDay[]): readonly Group[] {
  const byDay = new Map<string, FateOfDay[]>();
  for (const fate of fates) {
    const known = byDay.get(fate.day);
    if (known === undefined) byDay.set(fate.day, [fate]);
    else known.push(fate);
  }
  return [...byDay];
}

function noons(byDay: readonly Group[]): readonly number[] {
  return byDay.map(([day]) => Date.parse(`${day}T12:00:00Z`) / 1000);
}
