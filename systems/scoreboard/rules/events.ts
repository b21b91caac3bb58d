/** What an action means to whoever follows the match: the events of the match's log, in the order they are told. */
import type { MatchState, Pair, Side } from './match.ts';

export interface ScoreUpdate {
  readonly matchId: string;
  readonly team1Score: number;
  readonly team2Score: number;
  readonly currentSet: number;
  readonly team1Name: string;
  readonly team2Name: string;
  readonly server: Side;
  readonly timestamp: number;
}

export interface SetComplete {
  readonly matchId: string;
  readonly setNumber: number;
  readonly scores: { readonly team1: number; readonly team2: number };
  readonly winner: Side;
  /** Milliseconds since the game began. */
  readonly duration: number;
  readonly totalGames: Pair;
  readonly nextSetServer: Side;
  readonly timestamp: number;
}

export interface MatchComplete {
  readonly matchId: string;
  /** `sets` ends with the unfinished game where a side retired in it. */
  readonly finalScore: { readonly games: Pair; readonly sets: readonly Pair[] };
  readonly winner: Side;
  readonly winnerName: string;
  readonly duration: number;
  readonly matchStatus: 'finished';
  readonly timestamp: number;
}

export interface StatusChange {
  readonly matchId: string;
  readonly status: 'live' | 'finished' | 'paused';
  readonly timestamp: number;
}

/** Payload by event name. */
export interface MatchEvents {
  readonly 'score-update': ScoreUpdate;
  readonly 'set-complete': SetComplete;
  readonly 'match-complete': MatchComplete;
  readonly 'status-change': StatusChange;
}

export type MatchEvent = {
  readonly [E in keyof MatchEvents]: { readonly event: E; readonly data: MatchEvents[E] };
}[keyof MatchEvents];

/** The events that lead from `before` to `after`, one accepted action later. */
export function matchEvents(matchId: string, before: MatchState, after: MatchState): readonly MatchEvent[] {
  const events: MatchEvent[] = [];
  const status = statusChange(matchId, before, after);
  if (status?.data.status === 'live') events.push(status);
  if (tellsScore(after)) events.push({ event: 'score-update', data: scoreUpdate(matchId, after) });
  if (after.play.gameScores.length > before.play.gameScores.length) events.push(setComplete(matchId, after));
  if (after.play.winner !== null && before.play.winner === null)
    events.push(matchComplete(matchId, after, after.play.winner));
  if (status !== undefined && status.data.status !== 'live') events.push(status);
  return events;
}

export function scoreUpdate(matchId: string, state: MatchState): ScoreUpdate {
  const { play, setup } = state;
  return {
    matchId,
    team1Score: play.score[0],
    team2Score: play.score[1],
    currentSet: play.gameNumber,
    team1Name: setup.names[0],
    team2Name: setup.names[1],
    server: play.server,
    timestamp: state.at,
  };
}

/** Undo and reset can change any of it, so they tell the score too. */
function tellsScore(state: MatchState): boolean {
  const action = state.lastAction;
  return action === 'pointA' || action === 'pointB' || action === 'nextGame' || action === 'undo' || action === 'reset';
}

function setComplete(matchId: string, state: MatchState): MatchEvent {
  const { play } = state;
  const data: SetComplete = {
    matchId,
    setNumber: play.gameNumber,
    scores: { team1: play.score[0], team2: play.score[1] },
    winner: play.server,
    duration: elapsed(play.gameStartedAt, state.at),
    totalGames: play.games,
    nextSetServer: play.server,
    timestamp: state.at,
  };
  return { event: 'set-complete', data };
}

function matchComplete(matchId: string, state: MatchState, winner: Side): MatchEvent {
  const { play, setup } = state;
  const broken =
    state.lastAction === 'retire' && play.gameScores.length < play.gameNumber && play.score[0] + play.score[1] > 0;
  const data: MatchComplete = {
    matchId,
    finalScore: { games: play.games, sets: broken ? [...play.gameScores, play.score] : play.gameScores },
    winner,
    winnerName: setup.names[winner],
    duration: elapsed(play.startedAt, state.at),
    matchStatus: 'finished',
    timestamp: state.at,
  };
  return { event: 'match-complete', data };
}

/** `scheduled` is not a status that the contract tells: a reset is known by its score-update. */
function statusChange(
  matchId: string,
  before: MatchState,
  after: MatchState,
): { readonly event: 'status-change'; readonly data: StatusChange } | undefined {
  const status = after.play.status;
  if (status === before.play.status || status === 'scheduled') return undefined;
  return { event: 'status-change', data: { matchId, status, timestamp: after.at } };
}

/** 0 for a match that never started; never negative, whatever the wall clock did. */
function elapsed(from: number, to: number): number {
  return from === 0 ? 0 : Math.max(0, to - from);
}
