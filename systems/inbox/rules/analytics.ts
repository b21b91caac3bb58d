/** What became of the notifications that were sent: the numbers of the staff page. */
import type { NoteType } from './note.ts';

export interface Fate {
  readonly sent: number;
  /** Handed to an open connection of the user when it was sent. */
  readonly delivered_live: number;
  /** There when the user came back: by a reconnect, or by reading the list. */
  readonly delivered_on_reconnect: number;
  readonly read: number;
  /** null: none was read. */
  readonly median_seconds_to_read: number | null;
}

export interface FateOfType extends Fate {
  readonly type: NoteType;
}

export interface FateOfDay extends FateOfType {
  /** `YYYY-MM-DD` in the zone that was asked for. */
  readonly day: string;
}

export interface Analytics {
  /** Days, first and last, both included. */
  readonly from: string;
  readonly to: string;
  readonly time_zone: string;
  readonly totals: Fate;
  readonly by_type: readonly FateOfType[];
  /** Of each day every type, also where nothing was sent. */
  readonly by_day: readonly FateOfDay[];
}

/** Of the last 24 hours, and of now: renewed while a staff page watches. */
export interface LiveCounters extends Fate {
  /** Users with at least one open connection. */
  readonly users_connected: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}
