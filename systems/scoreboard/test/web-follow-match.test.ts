/** A list of courts that only hears events shows the same score as one that reads every snapshot. */
import {
  type ActionName,
  apply,
  createMatch,
  type MatchState,
  matchEvents,
  type Snapshot,
  snapshotOf,
} from '@fanfare-systems/scoreboard/rules';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followMatch } from '../web/board/follow-match.ts';

const PLACE = { matchId: 'm1' };

function shown(snapshot: Snapshot) {
  const { score, games, gameNumber, server, gameScores, matchStatus, gameOver } = snapshot;
  return { score, games, gameNumber, server, gameScores, matchStatus, gameOver };
}

/** Rallies in runs, so that games end often. */
const run = fc.tuple(fc.constantFrom<ActionName>('pointA', 'pointB'), fc.integer({ min: 1, max: 22 }));
const action = fc.oneof(
  { weight: 5, arbitrary: run.map(([name, times]) => Array.from({ length: times }, () => name)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<ActionName>('nextGame', 'undo', 'swap', 'pause', 'resume').map((name) => [name]),
  },
  { weight: 1, arbitrary: fc.constantFrom<ActionName>('retire', 'reset').map((name) => [name]) },
);

describe('followMatch', () => {
  it('ends where the snapshot of the match is, after any actions', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 25 }), (batches) => {
        let state: MatchState = createMatch({ names: ['A', 'B'], bestOf: 3, firstServer: 0 }, 1);
        let followed = snapshotOf(state, PLACE);
        let now = 1;
        for (const name of batches.flat()) {
          now += 1;
          const outcome = apply(state, { action: name }, now);
          if (!outcome.ok) continue;
          for (const told of matchEvents('m1', state, outcome.value)) followed = followMatch(followed, told);
          state = outcome.value;
        }
        // A reset is not told as a status: the list reads that again by itself.
        const expected = shown(snapshotOf(state, PLACE));
        const status = expected.matchStatus === 'scheduled' ? followed.matchStatus : expected.matchStatus;
        expect(shown(followed)).toEqual({ ...expected, matchStatus: status });
      }),
      { numRuns: 400 },
    );
  });

  it('ignores an event that is older than the snapshot', () => {
    const state = createMatch({ names: ['A', 'B'], bestOf: 3, firstServer: 0 }, 100);
    const snapshot = snapshotOf(state, PLACE);

    const after = followMatch(snapshot, {
      event: 'status-change',
      data: { matchId: 'm1', status: 'paused', timestamp: 99 },
    });

    expect(after).toBe(snapshot);
  });
});
