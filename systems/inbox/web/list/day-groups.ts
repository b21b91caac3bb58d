/** Notifications by the day on which they came, as the reader's own clock has it. */
import type { Note } from '@fanfare-systems/inbox/rules';

export interface DayGroup {
  /** Midnight at its beginning, milliseconds since the epoch, in the reader's zone. */
  readonly day: number;
  readonly notes: readonly Note[];
}

/** In the order in which they are given, which is newest first. */
export function groupByDay(notes: readonly Note[]): readonly DayGroup[] {
  const groups: { readonly day: number; readonly notes: Note[] }[] = [];
  for (const note of notes) {
    const day = startOfDay(Date.parse(note.created_at));
    const last = groups.at(-1);
    if (last?.day === day) last.notes.push(note);
    else groups.push({ day, notes: [note] });
  }
  return groups;
}

/** Days from one to the other: 0 for the same, 1 for yesterday. */
export function daysBetween(day: number, now: number): number {
  // A day of 23 or 25 hours is a day.
  return Math.round((startOfDay(now) - day) / 86_400_000);
}

export function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
