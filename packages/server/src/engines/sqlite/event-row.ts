/** Events as rows and back. Every row carries a checksum: SQLite notices a damaged page, but not a damaged text in it. */
import { crc32 } from 'node:zlib';
import type { StoredEvent } from '../../core/ports/broker.ts';
import type { SqlRow } from './driver.ts';

/** Binds the content to its place as well: a row that a damaged index shows elsewhere does not pass. */
export function eventSum(channelId: number, event: StoredEvent): number {
  return crc32(`${channelId}\n${event.offset}\n${event.time}\n${event.event}\n${event.key}\n${event.dataJson}`);
}

export interface RowPlace {
  readonly channelId: number;
  readonly channel: string;
  readonly epoch: string;
}

/** undefined: the row is damaged. */
export function parseEvent(row: SqlRow, place: RowPlace): StoredEvent | undefined {
  const { offset, time, event, key, data, sum } = row;
  if (typeof offset !== 'number' || typeof time !== 'number') return undefined;
  if (typeof event !== 'string' || typeof key !== 'string' || typeof data !== 'string') return undefined;
  const stored = { channel: place.channel, event, dataJson: data, key, epoch: place.epoch, offset, time };
  return eventSum(place.channelId, stored) === sum ? stored : undefined;
}

/** A whole number of a row; throws where the file holds anything else. */
export function integer(row: SqlRow | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== 'number') throw new Error(`The column ${column} of the database file is damaged.`);
  return value;
}

/** As `integer`, where NULL is allowed. */
export function integerOrNull(row: SqlRow | undefined, column: string): number | undefined {
  return row?.[column] === null ? undefined : integer(row, column);
}
