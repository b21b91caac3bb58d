/** Counts what became of what was sent in a span of time. Nothing is kept: each answer is counted from the rows. */
import { integer, text } from '@fanfare-systems/edge';
import { type Fate, isNoteType, type NoteType } from '@fanfare-systems/inbox/rules';
import type { SqlDatabase, SqlStatement } from 'fanfare';

/** Milliseconds since the epoch; `to` is not in it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export type Counts = Omit<Fate, 'median_seconds_to_read'>;

/** How long it took until one was read, milliseconds. */
export interface Reading {
  readonly type: NoteType;
  readonly took: number;
}

export const NO_COUNTS: Counts = { sent: 0, delivered_live: 0, delivered_on_reconnect: 0, read: 0 };

export class AnalyticsStore {
  readonly #byType: SqlStatement;
  readonly #readings: SqlStatement;

  constructor(database: SqlDatabase) {
    const within = 'FROM inbox_notifications WHERE created_at >= ? AND created_at < ?';
    this.#byType = database.prepare(
      `SELECT type, count(*) AS sent,
              count(*) FILTER (WHERE delivered = 'live') AS live,
              count(*) FILTER (WHERE delivered = 'return') AS on_return,
              count(read_at) AS read ${within} GROUP BY type`,
    );
    this.#readings = database.prepare(`SELECT type, read_at - created_at AS took ${within} AND read_at IS NOT NULL`);
  }

  /** Of each type of which anything was sent. */
  byType({ from, to }: Span): ReadonlyMap<string, Counts> {
    const rows = this.#byType.all(from, to);
    return new Map(
      rows.map((row) => {
        const counts = {
          sent: integer(row, 'sent'),
          delivered_live: integer(row, 'live'),
          delivered_on_reconnect: integer(row, 'on_return'),
          read: integer(row, 'read'),
        };
        return [text(row, 'type'), counts];
      }),
    );
  }

  readings({ from, to }: Span): readonly Reading[] {
    return this.#readings.all(from, to).flatMap((row) => {
      const type = text(row, 'type');
      return isNoteType(type) ? [{ type, took: integer(row, 'took') }] : [];
    });
  }
}
