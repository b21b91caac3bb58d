/** What the page knows of a match, and what it expects an action to make of it before the server has answered. */
import { type ActionName, predict, type Snapshot } from '@fanfare-systems/scoreboard/rules';

/** A snapshot, and those that the undos to come would lead back to, newest last. */
export interface Known {
  readonly now: Snapshot;
  readonly past: readonly Snapshot[];
}

/** How many undos the page can foresee; further ones wait for the server. */
const REMEMBERED = 60;

/** What is known once the server has said `snapshot`. A jump in versions leaves nothing to undo into that could be trusted. */
export function follow(known: Known | undefined, snapshot: Snapshot): Known {
  if (known === undefined || known.now.matchId !== snapshot.matchId) return { now: snapshot, past: [] };
  if (snapshot.version === known.now.version) return { now: snapshot, past: known.past };
  if (snapshot.version !== (known.now.version ?? Number.NaN) + 1) return { now: snapshot, past: [] };
  if (snapshot.lastAction === 'reset') return { now: snapshot, past: [] };
  if (snapshot.lastAction === 'undo') return { now: snapshot, past: known.past.slice(0, -1) };
  return { now: snapshot, past: isUndoable(snapshot.lastAction) ? remember(known) : known.past };
}

/** True when `snapshot` may take the place of `now`: of the same match it must not be older. */
export function isNewer(now: Snapshot, snapshot: Snapshot): boolean {
  if (now.matchId !== snapshot.matchId) return (snapshot.timestamp ?? 0) >= (now.timestamp ?? 0);
  return (snapshot.version ?? 0) >= (now.version ?? 0);
}

/** The match after `action`; undefined where the page cannot tell, or the laws refuse. */
export function foresee(known: Known, action: ActionName, at: number): Known | undefined {
  if (action === 'undo') return foreseeUndo(known, at);
  if (action === 'reset') return foreseeReset(known, at);
  const now = predict(known.now, { action }, at);
  if (now === undefined) return undefined;
  return { now, past: isUndoable(action) ? remember(known) : known.past };
}

/** Undo takes back results, not pauses: a paused match stays paused. */
function foreseeUndo(known: Known, at: number): Known | undefined {
  const before = known.past.at(-1);
  if (before === undefined) return undefined;
  const paused = known.now.matchStatus === 'paused' ? { matchStatus: 'paused' as const } : {};
  const now: Snapshot = {
    ...before,
    ...paused,
    lastAction: 'undo',
    version: known.now.version,
    timestamp: at,
  };
  return { now, past: known.past.slice(0, -1) };
}

/** Names and length stay. Who serves first only the server knows: its answer sets the mark right. */
function foreseeReset({ now }: Known, at: number): Known {
  const { notice: _notice, winner: _winner, undoLabel: _undoLabel, ...kept } = now;
  const begun: Snapshot = {
    ...kept,
    score: [0, 0],
    games: [0, 0],
    gameNumber: 1,
    gameScores: [],
    gameOver: false,
    endsSwapped: false,
    matchStatus: 'scheduled',
    lastAction: 'reset',
    timestamp: at,
  };
  return { now: begun, past: [] };
}

/** Start, pause and resume are not results: undo passes over them. */
export function isUndoable(action: ActionName | undefined): boolean {
  switch (action) {
    case 'pointA':
    case 'pointB':
    case 'nextGame':
    case 'swap':
    case 'retire':
      return true;
    default:
      return false;
  }
}

function remember(known: Known): readonly Snapshot[] {
  return [...known.past.slice(1 - REMEMBERED), known.now];
}
