/** The words of a badminton match: sides, actions, the play, and a match with its history. Types and tables only. */

/** 0 = side A (team 1), 1 = side B (team 2). A side keeps its number for the whole match, whatever end it plays on. */
export type Side = 0 | 1;
export type Pair = readonly [number, number];
export type BestOf = 1 | 3 | 5;
export type MatchStatus = 'scheduled' | 'live' | 'finished' | 'paused';

export const ACTION_NAMES = [
  'pointA',
  'pointB',
  'nextGame',
  'swap',
  'undo',
  'start',
  'pause',
  'resume',
  'reset',
  'retire',
] as const;
export type ActionName = (typeof ACTION_NAMES)[number];

/** What an umpire asks. `side` only with `retire`: who gives up; absent, the side that is behind. */
export interface MatchAction {
  readonly action: ActionName;
  readonly side?: Side;
}

/** What is fixed before the first rally. */
export interface MatchSetup {
  readonly names: readonly [string, string];
  readonly bestOf: BestOf;
  /** Who serves first in the first game. */
  readonly firstServer: Side;
}

/** Something the umpire must announce after the last action. */
export type Notice = 'interval' | 'change-ends' | 'game-over' | 'match-over';

/** Everything the laws of badminton speak of, at one moment. */
export interface Play {
  readonly status: MatchStatus;
  /** Points in the game being played, or its final score until `nextGame`. */
  readonly score: Pair;
  readonly games: Pair;
  readonly gameNumber: number;
  readonly server: Side;
  /** Completed games, oldest first. */
  readonly gameScores: readonly Pair[];
  /** The game is won, the match is not: points are refused until `nextGame`. */
  readonly gameOver: boolean;
  /** Side A plays on the end where side B began. */
  readonly endsSwapped: boolean;
  readonly winner: Side | null;
  readonly notice: Notice | null;
  /** Wall clock, milliseconds; 0 = not yet. */
  readonly startedAt: number;
  readonly gameStartedAt: number;
}

/** One entry of the history. `undo` and `reset` never are: they edit the history. */
export interface Step {
  readonly action: Exclude<ActionName, 'undo' | 'reset' | 'retire'> | 'retireA' | 'retireB';
  readonly at: number;
}

/**
 * A match. `play` is always the fold of `steps` over the initial play: the history is the truth, and undo is exact
 * because it folds again. `version` grows by one with every accepted action and never returns, not even on reset.
 */
export interface MatchState {
  readonly setup: MatchSetup;
  readonly play: Play;
  readonly steps: readonly Step[];
  readonly version: number;
  readonly lastAction: ActionName | null;
  /** When the last action was accepted (or the match was made). */
  readonly at: number;
}

/** Why an action is refused; the match is unchanged. */
export type RefusalCode =
  | 'MATCH_FINISHED'
  | 'MATCH_NOT_LIVE'
  | 'MATCH_NOT_PAUSED'
  | 'MATCH_ALREADY_STARTED'
  | 'GAME_OVER'
  | 'GAME_NOT_OVER'
  | 'NOTHING_TO_UNDO'
  | 'TOO_MANY_ACTIONS';

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: RefusalCode };
