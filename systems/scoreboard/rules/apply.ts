/** An umpire's action on a match: the match after it, or why it is refused. Undo and reset edit the history and fold it again. */
import type { ActionName, MatchAction, MatchSetup, MatchState, Outcome, Play, RefusalCode, Step } from './match.ts';
import { advance, openingPlay, trailingSide } from './play.ts';

/**
 * Beyond this many steps `swap` and `pause` are refused. Points, games and the end need at most 301 more (five games of
 * 59 rallies), each between at most one resume, so that a history is bounded and a match can always be played to its end.
 */
export const MAX_FREE_STEPS = 600;

export function createMatch(setup: MatchSetup, now: number): MatchState {
  return { setup, play: openingPlay(setup), steps: [], version: 0, lastAction: null, at: now };
}

/** Never throws; a refused action leaves no trace. `now`: wall clock, milliseconds. */
export function apply(state: MatchState, action: MatchAction, now: number): Outcome<MatchState> {
  switch (action.action) {
    case 'undo':
      return undo(state, now);
    case 'reset':
      return { ok: true, value: { ...after(state, 'reset', now), play: openingPlay(state.setup), steps: [] } };
    case 'retire': {
      const side = action.side ?? trailingSide(state.play);
      return record(state, { action: side === 0 ? 'retireA' : 'retireB', at: now }, 'retire');
    }
    default:
      return record(state, { action: action.action, at: now }, action.action);
  }
}

/** What `undo` would take back, for the label of the button; undefined: nothing. */
export function undoLabel(state: MatchState): ActionName | undefined {
  const action = state.steps[lastUndoable(state.steps)]?.action;
  return action === 'retireA' || action === 'retireB' ? 'retire' : action;
}

/** The play that a history leads to. A history that the laws refuse is damaged: throws RangeError. */
export function replay(setup: MatchSetup, steps: readonly Step[]): Play {
  let play = openingPlay(setup);
  for (const step of steps) {
    const next = advance(setup, play, step);
    if (!next.ok) throw new RangeError(`the history of the match holds an illegal ${step.action}: ${next.code}`);
    play = next.value;
  }
  return play;
}

function record(state: MatchState, step: Step, name: ActionName): Outcome<MatchState> {
  const free = step.action === 'swap' || step.action === 'pause';
  if (free && state.steps.length >= MAX_FREE_STEPS && state.play.status !== 'finished')
    return refuse('TOO_MANY_ACTIONS');
  const next = advance(state.setup, state.play, step);
  if (!next.ok) return next;
  return { ok: true, value: { ...after(state, name, step.at), play: next.value, steps: withStep(state.steps, step) } };
}

/** A pause that is over, with nothing to undo inside it, leaves no step: pausing all evening does not grow the history. */
function withStep(steps: readonly Step[], step: Step): readonly Step[] {
  return step.action === 'resume' && steps.at(-1)?.action === 'pause' ? steps.slice(0, -1) : [...steps, step];
}

/**
 * Takes back the last rally, game, swap or retirement. Start, pause and resume are not results: they stay, and so does
 * the start that a first rally implied, once the match was paused after it.
 */
function undo(state: MatchState, now: number): Outcome<MatchState> {
  const index = lastUndoable(state.steps);
  const undone = state.steps[index];
  if (undone === undefined) return refuse('NOTHING_TO_UNDO');
  const before = state.steps.slice(0, index);
  const later = state.steps.slice(index + 1);
  const impliedStart = later.length > 0 && replay(state.setup, before).status === 'scheduled' && isPoint(undone);
  const steps = impliedStart
    ? [...before, { action: 'start' as const, at: undone.at }, ...later]
    : [...before, ...later];
  return { ok: true, value: { ...after(state, 'undo', now), play: replay(state.setup, steps), steps } };
}

function lastUndoable(steps: readonly Step[]): number {
  return steps.findLastIndex((step) => step.action !== 'start' && step.action !== 'pause' && step.action !== 'resume');
}

function isPoint(step: Step): boolean {
  return step.action === 'pointA' || step.action === 'pointB';
}

function after(state: MatchState, action: ActionName, now: number): MatchState {
  return { ...state, version: state.version + 1, lastAction: action, at: now };
}

function refuse(code: RefusalCode): Outcome<MatchState> {
  return { ok: false, code };
}
