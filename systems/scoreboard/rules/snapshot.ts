/** The state that every screen renders. The first ten fields and the two of a court are the contract; the rest is extra and optional. */
import { undoLabel } from './apply.ts';
import type { ActionName, BestOf, MatchAction, MatchState, MatchStatus, Notice, Pair, Play, Side } from './match.ts';
import { advance } from './play.ts';

export interface Snapshot {
  /** Points in the game being played, [side A, side B]; the final score of a won game until `nextGame`. */
  readonly score: Pair;
  /** Games won. */
  readonly games: Pair;
  readonly gameNumber: number;
  /** Who serves next. */
  readonly server: Side;
  readonly names?: readonly [string, string] | undefined;
  readonly bestOf?: BestOf | undefined;
  /** Completed games, oldest first. */
  readonly gameScores?: readonly Pair[] | undefined;
  readonly matchStatus?: MatchStatus | undefined;
  /** Absent before the first action. */
  readonly lastAction?: ActionName | undefined;
  /** Milliseconds since the epoch. */
  readonly timestamp?: number | undefined;
  /** Only on a court's own paths. */
  readonly pinCode?: string | undefined;
  readonly courtId?: string | undefined;

  readonly matchId?: string | undefined;
  /** Grows with every accepted action of the match. */
  readonly version?: number | undefined;
  /** The game is won: the umpire's next action is `nextGame`. */
  readonly gameOver?: boolean | undefined;
  /** Show side B on the left. `score`, `games` and `names` stay [side A, side B]. */
  readonly endsSwapped?: boolean | undefined;
  /** To announce after the last action. */
  readonly notice?: Notice | undefined;
  readonly winner?: Side | undefined;
  /** What `undo` would take back; absent: nothing. */
  readonly undoLabel?: ActionName | undefined;
}

/** Where a snapshot is shown: fields that the match itself does not know. */
export interface SnapshotPlace {
  readonly matchId: string;
  readonly pinCode?: string;
  readonly courtId?: string;
}

export function snapshotOf(state: MatchState, place: SnapshotPlace): Snapshot {
  const label = undoLabel(state);
  return {
    ...shown(state.play),
    names: state.setup.names,
    bestOf: state.setup.bestOf,
    ...(state.lastAction === null ? {} : { lastAction: state.lastAction }),
    timestamp: state.at,
    ...place,
    version: state.version,
    ...(label === undefined ? {} : { undoLabel: label }),
  };
}

/**
 * What the server will most likely answer, for a page that must not wait for it: the snapshot after `action`, or
 * undefined where a snapshot does not know enough (undo, reset) or the laws refuse. `version` is left as it was: it is
 * the server's to count, and the next snapshot with a higher one replaces the guess.
 */
export function predict(snapshot: Snapshot, action: MatchAction, now: number): Snapshot | undefined {
  const name = action.action;
  if (name === 'undo' || name === 'reset' || name === 'retire') return undefined;
  const setup = {
    names: snapshot.names ?? (['A', 'B'] as const),
    bestOf: snapshot.bestOf ?? 3,
    firstServer: snapshot.server,
  };
  const next = advance(setup, playOf(snapshot), { action: name, at: now });
  if (!next.ok) return undefined;
  const { notice: _notice, winner: _winner, ...kept } = snapshot;
  const undoable = name === 'start' || name === 'pause' || name === 'resume' ? {} : { undoLabel: name };
  return { ...kept, ...shown(next.value), lastAction: name, timestamp: now, ...undoable };
}

function shown(play: Play): Snapshot {
  return {
    score: play.score,
    games: play.games,
    gameNumber: play.gameNumber,
    server: play.server,
    gameScores: play.gameScores,
    matchStatus: play.status,
    gameOver: play.gameOver,
    endsSwapped: play.endsSwapped,
    ...(play.notice === null ? {} : { notice: play.notice }),
    ...(play.winner === null ? {} : { winner: play.winner }),
  };
}

function playOf(snapshot: Snapshot): Play {
  return {
    status: snapshot.matchStatus ?? 'live',
    score: snapshot.score,
    games: snapshot.games,
    gameNumber: snapshot.gameNumber,
    server: snapshot.server,
    gameScores: snapshot.gameScores ?? [],
    gameOver: snapshot.gameOver ?? false,
    endsSwapped: snapshot.endsSwapped ?? false,
    winner: snapshot.winner ?? null,
    notice: snapshot.notice ?? null,
    startedAt: 0,
    gameStartedAt: 0,
  };
}
