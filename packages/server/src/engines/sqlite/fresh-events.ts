/**
 * Events that are stored, and have no place in the index of their channel yet.
 *
 * An index entry of its own for every append writes one page of the file for each channel that a commit touches, which is most of
 * what a commit costs. So an event is stored at the end of the log alone, with a row id that this process remembers; its channel
 * gets index entries for many of them at once, later and a few with every commit: channel after channel by id, as the index
 * is sorted, so that neighbours share a page however many channels there are and in whatever order they were published to.
 * What is forgotten in a crash is read from the log again: the file says up to which row everything has its place.
 */
import { BulkInsert } from './bulk-insert.ts';
import type { SqlDatabase, SqlStatement, SqlValue } from './driver.ts';
import { integer } from './event-row.ts';

/** Beyond this many, older ones are placed. The more wait, the more of a channel go to its page at once. */
const MAX_FRESH = 32_768;
/** Of one channel at a time. */
const PLACED_AT_ONCE = 256;
/** Rows between two notes of how far everything is placed: what is read again after a crash at most. */
const NOTE_EVERY = 8192;

const NOBODY = new Float64Array();

/** What waits of one channel, in order: offset and row of each, one after the other. Most are short and there are many. */
type Run = number[];

export class FreshEvents {
  readonly #load: SqlStatement;
  readonly #note: SqlStatement;
  readonly #noted: SqlStatement;
  readonly #places: BulkInsert;
  /** By channel id; undefined: not read since the last rollback. */
  #runs: Map<number, Run> | undefined;
  /** Channel ids whose turn it still is in this round, the least last. Who comes meanwhile waits for the next round. */
  #turns: Float64Array = NOBODY;
  #turnsLeft = 0;
  #size = 0;
  #notedId = 0;

  constructor(database: SqlDatabase) {
    this.#load = database.prepare(`
      SELECT channel, json_group_array(offset) AS offsets, json_group_array(id) AS ids FROM (
        SELECT channel, offset, id FROM fanfare_events e WHERE id > ? AND newest = 0
          AND NOT EXISTS (SELECT 1 FROM fanfare_places p WHERE p.channel = e.channel AND p.offset = e.offset)
        ORDER BY channel, offset) GROUP BY channel`);
    this.#note = database.prepare("INSERT OR REPLACE INTO fanfare_meta VALUES ('placed', ?)");
    this.#noted = database.prepare("SELECT value FROM fanfare_meta WHERE name = 'placed'");
    this.#places = new BulkInsert(database, 'INSERT INTO fanfare_places (channel, offset, id)', 3);
  }

  /** Offset of the oldest that waits; undefined: none does. */
  first(channel: number): number | undefined {
    return this.#all().get(channel)?.[0];
  }

  /** Offset of the newest that waits; undefined: none does. */
  last(channel: number): number | undefined {
    return this.#all().get(channel)?.at(-2);
  }

  /** Row ids of those from one offset up to another, both included. */
  ids(channel: number, from: number, to: number): readonly number[] {
    const run = this.#all().get(channel);
    return run === undefined ? [] : idsOf(run.slice(2 * countUpTo(run, from - 1), 2 * countUpTo(run, to)));
  }

  /** The event after the newest of its channel is stored in this row. */
  add(channel: number, offset: number, id: number): void {
    const runs = this.#all();
    const run = runs.get(channel);
    if (run === undefined) runs.set(channel, [offset, id]);
    else run.push(offset, id);
    this.#size += 1;
  }

  /** They go without ever having had a place. Returns their row ids. */
  drop(channel: number, upTo: number): readonly number[] {
    const run = this.#all().get(channel);
    return run === undefined ? [] : idsOf(this.#take(channel, run, countUpTo(run, upTo)));
  }

  /** Within a transaction that stored `stored` events: places about twice as many where too many wait. */
  keepUp(stored: number, lastId: number): void {
    if (this.#size > MAX_FRESH) this.place(2 * stored, lastId);
  }

  /** Within a transaction: gives places to this many, or to a few more. `lastId`: of the newest row. */
  place(count: number, lastId: number): void {
    const runs = this.#all();
    const values: SqlValue[] = [];
    while (values.length < 3 * count && runs.size > 0) {
      const channel = this.#nextTurn(runs);
      const run = runs.get(channel);
      // All of it was dropped since the round began.
      if (run === undefined) continue;
      // The rest of a long run waits for the next round.
      const taken = this.#take(channel, run, PLACED_AT_ONCE);
      for (let at = 0; at < taken.length; at += 2) values.push(channel, taken[at] ?? 0, taken[at + 1] ?? 0);
    }
    this.#places.run(values);
    if (lastId - this.#notedId >= NOTE_EVERY || runs.size === 0) this.#noteDone(lastId);
  }

  get size(): number {
    this.#all();
    return this.#size;
  }

  /** Before a row is stored that is added afterwards: it may not be among those that are read from the log. */
  ready(): void {
    this.#all();
  }

  /** After a rollback: reads anew when it is next asked. */
  forget(): void {
    this.#runs = undefined;
  }

  #take(channel: number, run: Run, count: number): Run {
    const taken = run.splice(0, 2 * count);
    this.#size -= taken.length / 2;
    if (run.length === 0) this.#runs?.delete(channel);
    return taken;
  }

  #nextTurn(runs: ReadonlyMap<number, Run>): number {
    if (this.#turnsLeft === 0) {
      this.#turns = Float64Array.from(runs.keys()).sort().reverse();
      this.#turnsLeft = this.#turns.length;
    }
    this.#turnsLeft -= 1;
    return this.#turns[this.#turnsLeft] ?? 0;
  }

  #noteDone(lastId: number): void {
    let done = lastId;
    for (const run of this.#all().values()) done = Math.min(done, (run[1] ?? lastId + 1) - 1);
    this.#note.run(done);
    this.#notedId = lastId;
  }

  #all(): Map<number, Run> {
    if (this.#runs !== undefined) return this.#runs;
    const runs = new Map<number, Run>();
    const note = this.#noted.get();
    // Without the note the whole log is looked at, which is right too.
    const noted = note === undefined ? 0 : integer(note, 'value');
    let size = 0;
    for (const row of this.#load.all(noted)) {
      const ids = numbers(row['ids']);
      const run = numbers(row['offsets']).flatMap((offset, index) => [offset, ids[index] ?? 0]);
      runs.set(integer(row, 'channel'), run);
      size += ids.length;
    }
    this.#size = size;
    this.#notedId = noted;
    this.#runs = runs;
    return runs;
  }
}

/** How many of a run stand at this offset or before it. */
function countUpTo(run: Run, offset: number): number {
  let count = 0;
  while (2 * count < run.length && (run[2 * count] ?? 0) <= offset) count += 1;
  return count;
}

function idsOf(run: Run): number[] {
  return run.filter((_, index) => index % 2 === 1);
}

function numbers(json: SqlValue | undefined): number[] {
  const parsed: unknown = JSON.parse(String(json));
  return Array.isArray(parsed) ? parsed.map(Number) : [];
}
