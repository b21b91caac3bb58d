/** What must be true of every match that can be played, whatever the umpire taps. */
import {
  type ActionName,
  apply,
  type BestOf,
  decodeSteps,
  encodeSteps,
  gamesToWin,
  gameWinner,
  MAX_FREE_STEPS,
  type MatchState,
  predict,
  restoreMatch,
  snapshotOf,
  undoLabel,
} from '@fanfare-systems/scoreboard/rules';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyActions, anyBestOf, anySide, newMatch, play, refusal } from './rules-support.ts';

/** Applies what is legal, ignores what is refused; every state on the way. */
function statesOf(start: MatchState, actions: readonly ActionName[]): MatchState[] {
  const states = [start];
  for (const action of actions) {
    const last = states.at(-1) ?? start;
    const outcome = apply(last, { action }, last.at + 700);
    if (outcome.ok) states.push(outcome.value);
  }
  return states;
}

function legalScore([a, b]: readonly [number, number]): boolean {
  const before = a >= b ? ([a - 1, b] as const) : ([a, b - 1] as const);
  return Math.max(a, b) <= 30 && (gameWinner([a, b]) === null || gameWinner(before) === null);
}

describe('every match', () => {
  it('ends, whoever wins the rallies, within bestOf games of 59 rallies', () => {
    fc.assert(
      fc.property(anyBestOf, anySide, fc.infiniteStream(fc.boolean()), (bestOf, server, rallies) => {
        let state = newMatch(bestOf, server);
        let rallied = 0;
        while (state.play.status !== 'finished') {
          const action: ActionName = state.play.gameOver ? 'nextGame' : rallies.next().value ? 'pointA' : 'pointB';
          state = play(state, [action]);
          if (action !== 'nextGame') rallied += 1;
          if (rallied > bestOf * 59) throw new Error('the match does not end');
        }
        expect(Math.max(...state.play.games)).toBe(gamesToWin(bestOf));
        expect(state.play.games[state.play.winner ?? 0]).toBe(gamesToWin(bestOf));
      }),
      { numRuns: 300 },
    );
  });

  it('ends too when the sides take turns to 29-all in every game', () => {
    for (const bestOf of [1, 3, 5] as BestOf[]) {
      let state = newMatch(bestOf);
      let turn = 0;
      while (state.play.status !== 'finished') {
        state = play(state, [state.play.gameOver ? 'nextGame' : turn++ % 2 === 0 ? 'pointA' : 'pointB']);
      }
      expect(state.play.gameScores.every(([a, b]) => a + b === 59)).toBe(true);
    }
  });

  it('never shows a score that the laws do not know', () => {
    fc.assert(
      fc.property(anyBestOf, anyActions, (bestOf, actions) => {
        for (const { play: at } of statesOf(newMatch(bestOf), actions)) {
          expect(legalScore(at.score)).toBe(true);
          expect(at.gameScores.every((score) => legalScore(score) && gameWinner(score) !== null)).toBe(true);
          expect(at.games[0] + at.games[1]).toBe(at.gameScores.length);
          expect(Math.max(...at.games)).toBeLessThanOrEqual(gamesToWin(bestOf));
          expect(at.gameNumber).toBeGreaterThanOrEqual(at.gameScores.length);
          expect(at.gameNumber).toBeLessThanOrEqual(bestOf);
        }
      }),
    );
  });

  it('counts one version for every accepted action and none for a refused one', () => {
    fc.assert(
      fc.property(anyActions, (actions) => {
        const versions = statesOf(newMatch(), actions).map((state) => state.version);
        expect(versions).toEqual(versions.map((_, index) => index));
      }),
    );
  });
});

describe('undo', () => {
  it('is the exact inverse of every action that it names, at every moment', () => {
    fc.assert(
      fc.property(anyBestOf, anyActions, (bestOf, actions) => {
        const states = statesOf(
          newMatch(bestOf),
          actions.filter((action) => action !== 'undo'),
        );
        states.slice(1).forEach((state, index) => {
          const before = states[index];
          if (before === undefined || state.lastAction !== undoLabel(state)) return;
          const undone = play(state, ['undo']);
          expect(undone.play).toEqual(before.play);
          expect(undone.steps).toEqual(before.steps);
        });
      }),
    );
  });

  it('goes back through a whole match to 0-0, each state the one before, and then has nothing to undo', () => {
    fc.assert(
      fc.property(
        anyBestOf,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 320, size: 'max' }),
        (bestOf, rallies) => {
          const actions = rallies.flatMap((a): ActionName[] => [a ? 'pointA' : 'pointB', 'nextGame']);
          const states = statesOf(play(newMatch(bestOf), ['start']), actions);
          let state = states.at(-1) ?? newMatch(bestOf);
          for (const before of states.slice(0, -1).reverse()) {
            state = play(state, ['undo']);
            expect(state.play).toEqual(before.play);
          }
          expect(state.play.score).toEqual([0, 0]);
          expect(refusal(state, 'undo')).toBe('NOTHING_TO_UNDO');
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('the history', () => {
  it('survives being written down, with undo still exact', () => {
    fc.assert(
      fc.property(anyBestOf, anyActions, (bestOf, actions) => {
        const state = statesOf(newMatch(bestOf), actions).at(-1) ?? newMatch(bestOf);
        const { setup, version, lastAction, at } = state;
        expect(restoreMatch({ setup, version, lastAction, at, history: encodeSteps(state.steps) })).toEqual(state);
      }),
    );
  });

  it('survives a wall clock that jumps back', () => {
    const steps = [
      { action: 'start', at: 5000 },
      { action: 'pointA', at: 1000 },
    ] as const;
    expect(decodeSteps(encodeSteps(steps))).toEqual(steps);
  });

  it('refuses damaged text instead of showing a wrong score', () => {
    expect(() => decodeSteps('A5;B')).toThrow(RangeError);
    expect(() => decodeSteps('Q5')).toThrow(RangeError);
    const { setup } = newMatch();
    expect(() => restoreMatch({ setup, version: 1, lastAction: null, at: 0, history: 'S1S1' })).toThrow(RangeError);
  });

  it('stays bounded under endless pauses and swaps, and the match can still be played to its end', () => {
    const paused = play(newMatch(), ['start', ...Array<ActionName[]>(5000).fill(['pause', 'resume']).flat()]);
    expect(paused.steps).toHaveLength(1);

    let state = paused;
    while (refusal(state, 'swap') === undefined) state = play(state, ['swap']);
    expect(state.steps).toHaveLength(MAX_FREE_STEPS);
    expect(refusal(state, 'swap')).toBe('TOO_MANY_ACTIONS');
    while (state.play.status !== 'finished') state = play(state, [state.play.gameOver ? 'nextGame' : 'pointA']);
    expect(state.steps.length).toBeLessThan(MAX_FREE_STEPS + 302);
    expect(encodeSteps(state.steps).length).toBeLessThan(8192);
  });
});

describe('a prediction', () => {
  it('is what the server answers, for every action it dares to predict', () => {
    fc.assert(
      fc.property(anyBestOf, anyActions, (bestOf, actions) => {
        for (const state of statesOf(newMatch(bestOf), actions)) {
          for (const action of ['pointA', 'pointB', 'nextGame', 'swap', 'start', 'pause', 'resume'] as const) {
            const now = state.at + 50;
            const guess = predict(snapshotOf(state, { matchId: 'm1' }), { action }, now);
            const truth = apply(state, { action }, now);
            if (!truth.ok) {
              if (truth.code !== 'TOO_MANY_ACTIONS') expect(guess).toBeUndefined();
              continue;
            }
            expect({ ...guess, version: state.version + 1 }).toEqual(snapshotOf(truth.value, { matchId: 'm1' }));
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});
