/** Counts what became of what was sent in a span of time. Nothing is kept: each answer is counted from the rows. */
import { text } from '@fanfare-systems/edge';
import { type Fate, type FateOfType, NOTE_TYPES } from '@fanfare-systems/inbox/rules';
import type { SqlDatabase, SqlRow, SqlStatement } from 'fanfare';

/** Milliseconds since the epoch; `to` is not in it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const NOTHING: Fate = {
  sent: 0,
  delivered_live: 0,
  delivered_on_reconnect: 0,
  read: 0,
  median_seconds_to_read: null,
};

const COUNTS = `
  count(*) AS sent,
  count(*) FILTER (WHERE delivered = 'live') AS live,
  count(*) FILTER (WHERE delivered = 'return') AS on_return,
  count(read_at) AS read`;

/** The lower median and the upper one: the same row twice where their number is odd. */
const median = (partition: string): string => `
  SELECT type, avg(took) AS median FROM (
    SELECT type, read_at - created_at AS took,
           row_number() OVER (${partition} ORDER BY read_at - created_at) AS place,
           count(*) OVER (${partition}) AS places
    FROM inbox_notifications WHERE created_at >= ? AND created_at < ? AND read_at IS NOT NULL)
  WHERE place IN ((places + 1) / 2, (places + 2) / 2)`;

export class AnalyticsStore {
  readonly #byType: SqlStatement;
  readonly #mediansByType: SqlStatement;
  readonly #all: SqlStatement;
  readonly #median: SqlStatement;

  constructor(database: SqlDatabase) {
    const within = 'FROM inbox_notifications WHERE created_at >= ? AND created_at < ?';
    this.#byType = database.prepare(`SELECT type, ${COUNTS} ${within} GROUP BY type`);
    this.#mediansByType = database.prepare(`${median('PARTITION BY type')} GROUP BY type`);
    this.#all = database.prepare(`SELECT ${COUNTS} ${within}`);
    this.#median = database.prepare(median(''));
  }

  /** Every type, also one of which nothing was sent. */
  byType({ from, to }: Span): readonly FateOfType[] {
    const rows = new Map(this.#byType.all(from, to).map((row) => [text(row, 'type'), row]));
    const medians = new Map(this.#mediansByType.all(from, to).map((row) => [text(row, 'type'), row]));
    return NOTE_TYPES.map((type) => ({ type, ...fateOf(rows.get(type), medians.get(type)) }));
  }

  totals({ from, to }: Span): Fate {
    return fateOf(this.#all.get(from, to), this.#median.get(from, to));
  }
}

function fateOf(row: SqlRow | undefined, medianRow: SqlRow | undefined): Fate {
  if (row === undefined) return NOTHING;
  const ms = medianRow?.['median'];
  return {
    sent: Number(row['sent']),
    delivered_live: Number(row['live']),
    delivered_on_reconnect: Number(row['on_return']),
    read: Number(row['read']),
    median_seconds_to_read: ms === null || ms === undefined ? null : Math.round(Number(ms)) / 1000,
  };
}
