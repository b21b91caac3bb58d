/** Matches at rest: setup and history. The score is never stored; it is what the history leads to. */
import { integer, optionalText, text } from '@fanfare-systems/edge';
import {
  ACTION_NAMES,
  type ActionName,
  type BestOf,
  encodeSteps,
  type MatchState,
  restoreMatch,
  type Side,
} from '@fanfare-systems/scoreboard/rules';
import type { SqlDatabase, SqlRow, SqlStatement } from 'fanfare';

export interface StoredMatch {
  readonly id: string;
  readonly tournamentId: string | null;
  readonly state: MatchState;
}

/** A tap that was counted under an idempotency key. */
export interface Tap {
  readonly matchId: string;
  readonly key: string;
  readonly action: string;
  /** Version of the match after it. */
  readonly version: number;
}

/** Taps remembered per match: far more than the phones of one match can have under way. */
const TAPS_KEPT = 2000;

export class MatchStore {
  readonly #find: SqlStatement;
  readonly #insert: SqlStatement;
  readonly #save: SqlStatement;
  readonly #findTap: SqlStatement;
  readonly #insertTap: SqlStatement;
  readonly #trimTaps: SqlStatement;

  constructor(database: SqlDatabase) {
    this.#find = database.prepare('SELECT * FROM scoreboard_matches WHERE id = ?');
    this.#insert = database.prepare(
      `INSERT INTO scoreboard_matches (id, tournament_id, name_a, name_b, best_of, first_server, history, version, last_action, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#save = database.prepare(
      'UPDATE scoreboard_matches SET history = ?, version = ?, last_action = ?, at = ? WHERE id = ?',
    );
    this.#findTap = database.prepare('SELECT action, version FROM scoreboard_taps WHERE match_id = ? AND key = ?');
    this.#insertTap = database.prepare(
      'INSERT INTO scoreboard_taps (match_id, key, action, version) VALUES (?, ?, ?, ?)',
    );
    this.#trimTaps = database.prepare('DELETE FROM scoreboard_taps WHERE match_id = ? AND version <= ?');
  }

  find(id: string): StoredMatch | undefined {
    const row = this.#find.get(id);
    return row === undefined ? undefined : parseMatch(row);
  }

  insert(match: StoredMatch): void {
    const { setup, steps, version, lastAction, at } = match.state;
    const [nameA, nameB] = setup.names;
    const { bestOf, firstServer } = setup;
    const history = encodeSteps(steps);
    this.#insert.run(match.id, match.tournamentId, nameA, nameB, bestOf, firstServer, history, version, lastAction, at);
  }

  save(match: StoredMatch): void {
    const { steps, version, lastAction, at } = match.state;
    this.#save.run(encodeSteps(steps), version, lastAction, at, match.id);
  }

  findTap(matchId: string, key: string): Tap | undefined {
    const row = this.#findTap.get(matchId, key);
    return row === undefined
      ? undefined
      : { matchId, key, action: text(row, 'action'), version: integer(row, 'version') };
  }

  rememberTap(tap: Tap): void {
    this.#insertTap.run(tap.matchId, tap.key, tap.action, tap.version);
    this.#trimTaps.run(tap.matchId, tap.version - TAPS_KEPT);
  }
}

function parseMatch(row: SqlRow): StoredMatch {
  const state = restoreMatch({
    setup: {
      names: [text(row, 'name_a'), text(row, 'name_b')],
      bestOf: parseBestOf(integer(row, 'best_of')),
      firstServer: parseSide(integer(row, 'first_server')),
    },
    history: text(row, 'history'),
    version: integer(row, 'version'),
    lastAction: parseActionName(optionalText(row, 'last_action')),
    at: integer(row, 'at'),
  });
  return { id: text(row, 'id'), tournamentId: optionalText(row, 'tournament_id'), state };
}

function parseBestOf(value: number): BestOf {
  if (value === 1 || value === 3 || value === 5) return value;
  throw new RangeError(`a stored match has best of ${value}`);
}

function parseSide(value: number): Side {
  if (value === 0 || value === 1) return value;
  throw new RangeError(`a stored match names side ${value}`);
}

function parseActionName(value: string | null): ActionName | null {
  return ACTION_NAMES.find((name) => name === value) ?? null;
}
