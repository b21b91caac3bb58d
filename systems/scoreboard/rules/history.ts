/** A match as it is kept: its history as short text, and back. `SkB3f...`: one letter per step, milliseconds since the last in base 36. */
import { replay } from './apply.ts';
import type { ActionName, MatchSetup, MatchState, Step } from './match.ts';

/** What must be kept of a match, besides its setup. */
export interface KeptMatch {
  readonly setup: MatchSetup;
  readonly history: string;
  readonly version: number;
  readonly lastAction: ActionName | null;
  readonly at: number;
}

/** Throws RangeError when the history is damaged: a wrong score must not be shown. */
export function restoreMatch(kept: KeptMatch): MatchState {
  const { setup, version, lastAction, at } = kept;
  const steps = decodeSteps(kept.history);
  return { setup, play: replay(setup, steps), steps, version, lastAction, at };
}

export function encodeSteps(steps: readonly Step[]): string {
  let text = '';
  let last = 0;
  for (const step of steps) {
    text += LETTERS[step.action] + (step.at - last).toString(36);
    last = step.at;
  }
  return text;
}

export function decodeSteps(text: string): readonly Step[] {
  if (!WHOLE.test(text)) throw new RangeError('the history of the match is not readable');
  const steps: Step[] = [];
  let at = 0;
  for (const [, letter = '', delta = ''] of text.matchAll(STEP)) {
    at += Number.parseInt(delta, 36);
    const action = ACTIONS.get(letter);
    if (action !== undefined) steps.push({ action, at });
  }
  return steps;
}

const LETTERS: Readonly<Record<Step['action'], string>> = {
  start: 'S',
  pause: 'P',
  resume: 'R',
  pointA: 'A',
  pointB: 'B',
  nextGame: 'N',
  swap: 'W',
  retireA: 'X',
  retireB: 'Y',
};

const STEP = /([SPRABNWXY])(-?[0-9a-z]{1,12})/g;
const WHOLE = /^(?:[SPRABNWXY]-?[0-9a-z]{1,12})*$/;

const ACTIONS: ReadonlyMap<string, Step['action']> = new Map(
  Object.entries(LETTERS).map(([action, letter]): [string, Step['action']] => [letter, parseAction(action)]),
);

/** The keys of LETTERS are the actions; Object.entries forgets it. */
function parseAction(action: string): Step['action'] {
  return action as Step['action'];
}
