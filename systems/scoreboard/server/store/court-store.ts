/** Courts and boards: the places that show a match. */
import { integer, text } from '@fanfare-systems/edge';
import type { SqlDatabase, SqlRow, SqlStatement } from 'fanfare';

export interface Court {
  readonly id: string;
  readonly name: string;
  readonly pin: string;
  readonly matchId: string;
  /** A closed court is still shown; nobody scores on it. */
  readonly active: boolean;
}

export const MAIN_BOARD = 'main';

export class CourtStore {
  readonly #all: SqlStatement;
  readonly #byId: SqlStatement;
  readonly #byPin: SqlStatement;
  readonly #byMatch: SqlStatement;
  readonly #upsert: SqlStatement;
  readonly #board: SqlStatement;
  readonly #boardsByMatch: SqlStatement;
  readonly #setBoard: SqlStatement;

  constructor(database: SqlDatabase) {
    this.#all = database.prepare('SELECT * FROM scoreboard_courts ORDER BY name, id');
    this.#byId = database.prepare('SELECT * FROM scoreboard_courts WHERE id = ?');
    this.#byPin = database.prepare('SELECT * FROM scoreboard_courts WHERE pin = ?');
    this.#byMatch = database.prepare('SELECT * FROM scoreboard_courts WHERE match_id = ?');
    this.#upsert = database.prepare(
      `INSERT INTO scoreboard_courts (id, name, pin, match_id, active) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, pin = excluded.pin, match_id = excluded.match_id, active = excluded.active`,
    );
    this.#board = database.prepare('SELECT match_id FROM scoreboard_boards WHERE id = ?');
    this.#boardsByMatch = database.prepare('SELECT id FROM scoreboard_boards WHERE match_id = ?');
    this.#setBoard = database.prepare(
      'INSERT INTO scoreboard_boards (id, match_id) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET match_id = excluded.match_id',
    );
  }

  all(): readonly Court[] {
    return this.#all.all().map(parseCourt);
  }

  find(id: string): Court | undefined {
    return parsed(this.#byId.get(id));
  }

  findByPin(pin: string): Court | undefined {
    return parsed(this.#byPin.get(pin));
  }

  showing(matchId: string): readonly Court[] {
    return this.#byMatch.all(matchId).map(parseCourt);
  }

  save(court: Court): void {
    this.#upsert.run(court.id, court.name, court.pin, court.matchId, court.active ? 1 : 0);
  }

  /** The match on a board; undefined: nobody set it up yet. */
  boardMatch(board: string): string | undefined {
    const row = this.#board.get(board);
    return row === undefined ? undefined : text(row, 'match_id');
  }

  boardsShowing(matchId: string): readonly string[] {
    return this.#boardsByMatch.all(matchId).map((row) => text(row, 'id'));
  }

  setBoard(board: string, matchId: string): void {
    this.#setBoard.run(board, matchId);
  }
}

function parsed(row: SqlRow | undefined): Court | undefined {
  return row === undefined ? undefined : parseCourt(row);
}

function parseCourt(row: SqlRow): Court {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    pin: text(row, 'pin'),
    matchId: text(row, 'match_id'),
    active: integer(row, 'active') === 1,
  };
}
