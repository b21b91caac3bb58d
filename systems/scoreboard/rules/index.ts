/** The rules of badminton as the scoreboard plays them. Pure: the server and the umpire's page run the same code. */
export { apply, createMatch, MAX_FREE_STEPS, undoLabel } from './apply.ts';
export type { MatchComplete, MatchEvent, MatchEvents, ScoreUpdate, SetComplete, StatusChange } from './events.ts';
export { matchEvents, scoreUpdate } from './events.ts';
export type { KeptMatch } from './history.ts';
export { decodeSteps, encodeSteps, restoreMatch } from './history.ts';
export { gamesToWin, gameWinner, isDecidingGame, otherSide } from './laws.ts';
export type {
  ActionName,
  BestOf,
  MatchAction,
  MatchSetup,
  MatchState,
  MatchStatus,
  Notice,
  Outcome,
  Pair,
  Play,
  RefusalCode,
  Side,
  Step,
} from './match.ts';
export { ACTION_NAMES } from './match.ts';
export type { Snapshot, SnapshotPlace } from './snapshot.ts';
export { predict, snapshotOf } from './snapshot.ts';
