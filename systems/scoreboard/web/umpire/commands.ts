/** Which actions the match allows now, and what a thumb, or a key, sets off. */
import type { Side, Snapshot } from '@fanfare-systems/scoreboard/rules';
import type { TapSender } from './tap-sender.ts';

export interface Commands {
  readonly point: boolean;
  readonly undo: boolean;
  readonly swap: boolean;
  readonly pause: boolean;
  readonly resume: boolean;
  readonly start: boolean;
  readonly nextGame: boolean;
  readonly end: boolean;
  /** Begin again from 0-0; offered where the match is over. */
  readonly newMatch: boolean;
}

/** The same laws as the server's, read off a snapshot; it refuses what slips through. */
export function commandsOf(snapshot: Snapshot | undefined): Commands {
  const status = snapshot?.matchStatus ?? 'live';
  const there = snapshot !== undefined;
  const over = snapshot?.gameOver === true;
  return {
    // The first rally of a scheduled match starts it.
    point: there && !over && (status === 'live' || status === 'scheduled'),
    undo: snapshot?.undoLabel !== undefined,
    swap: there && status !== 'finished',
    pause: there && status === 'live',
    resume: status === 'paused',
    start: status === 'scheduled',
    nextGame: over && status === 'live',
    end: there && status !== 'finished',
    newMatch: status === 'finished',
  };
}

/** A question that stands between a tap and what it would do. */
export type Asking = 'nothing' | 'next-game' | 'end' | 'new-match';

/** What the umpire can do; an action that the laws refuse now does nothing but shake the hand. */
export interface Acts {
  readonly point: (side: Side) => void;
  readonly undo: () => void;
  readonly swap: () => void;
  readonly pauseOrResume: () => void;
  readonly start: () => void;
  readonly askNextGame: () => void;
  readonly askEnd: () => void;
  readonly askNewMatch: () => void;
}

export function actsOf(sender: TapSender, may: Commands, ask: (asking: Asking) => void): Acts {
  const when = (allowed: boolean, act: () => void): void => {
    navigator.vibrate?.(allowed ? TAP : REFUSED);
    if (allowed) act();
  };
  return {
    point: (side) => when(may.point, () => sender.tap(side === 0 ? 'pointA' : 'pointB')),
    undo: () => when(may.undo, () => sender.tap('undo')),
    swap: () => when(may.swap, () => sender.tap('swap')),
    pauseOrResume: () => when(may.pause || may.resume, () => sender.tap(may.pause ? 'pause' : 'resume')),
    start: () => when(may.start, () => sender.tap('start')),
    askNextGame: () => when(may.nextGame, () => ask('next-game')),
    askEnd: () => when(may.end, () => ask('end')),
    askNewMatch: () => when(may.newMatch, () => ask('new-match')),
  };
}

const TAP = 12;
const REFUSED = [40, 60, 40];
